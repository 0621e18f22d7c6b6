import {
  Badge,
  createTheme,
  Modal,
  MultiSelect,
  Notification,
  PasswordInput,
  Select,
  TagsInput,
} from '@mantine/core';
import type { TFunction } from 'i18next';

/** The look, and the names of the buttons that show a sign instead of a word. */
export function themeIn(t: TFunction) {
  const close = { closeButtonProps: { 'aria-label': t('common.close') } };
  const clear = { clearButtonProps: { 'aria-label': t('common.clear') } };
  const reveal = { visibilityToggleButtonProps: { 'aria-label': t('common.showPassword') } };
  return createTheme({
    primaryColor: 'cyan',
    primaryShade: 9,
    defaultRadius: 'md',
    fontFamily:
      'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
    headings: { fontWeight: '650' },
    components: {
      // A state is one word or two: it is never cut.
      Badge: Badge.extend({ styles: { root: { flexShrink: 0, minWidth: 'max-content' } } }),
      Modal: Modal.extend({ defaultProps: close }),
      Notification: Notification.extend({ defaultProps: close }),
      Select: Select.extend({ defaultProps: clear }),
      MultiSelect: MultiSelect.extend({ defaultProps: clear }),
      TagsInput: TagsInput.extend({ defaultProps: clear }),
      PasswordInput: PasswordInput.extend({ defaultProps: reveal }),
    },
  });
}
