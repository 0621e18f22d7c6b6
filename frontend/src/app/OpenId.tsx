import { Button, Group, Popover, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { idPath } from '../lib/ids';
import { readerOf, useViewer } from './session';

/** Opens the page of any id that somebody pasted. */
export function OpenId() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const [text, setText] = useState('');
  const [unknown, setUnknown] = useState(false);
  const open = () => {
    const path = idPath(text.trim(), readerOf(viewer));
    setUnknown(path === null);
    if (path === null) return;
    setOpened(false);
    setText('');
    void navigate({ to: path });
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end">
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          visibleFrom="xs"
          onClick={() => setOpened((old) => !old)}
        >
          {t('common.openId')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            open();
          }}
        >
          <Group gap="xs" align="flex-start" wrap="nowrap">
            <TextInput
              data-autofocus
              w={300}
              aria-label={t('common.id')}
              placeholder={t('common.openIdHint')}
              value={text}
              error={unknown ? t('common.openIdUnknown') : null}
              onChange={(event) => {
                setText(event.currentTarget.value);
                setUnknown(false);
              }}
            />
            <Button type="submit" disabled={text.trim() === ''}>
              →
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
