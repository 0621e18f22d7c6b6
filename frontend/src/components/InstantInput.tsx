import { DateTimePicker, type DateTimePickerProps } from '@mantine/dates';
import { useTranslation } from 'react-i18next';

/** A past or present instant; its signs have names. */
export function InstantInput(props: DateTimePickerProps) {
  const { t } = useTranslation();
  return (
    <DateTimePicker
      previousLabel={t('common.earlier')}
      nextLabel={t('common.later')}
      submitButtonProps={{ 'aria-label': t('common.apply') }}
      {...props}
    />
  );
}
