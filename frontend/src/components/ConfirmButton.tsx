import { Button, type ButtonProps, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../lib/errors';
import { Problems } from './states';

interface Props extends ButtonProps {
  children: ReactNode;
  title: string;
  text?: ReactNode;
  /** Asks for words too: `required` ones keep the button shut until they are there. */
  note?: { label: string; required?: boolean; maxLength?: number };
  confirmLabel?: string;
  danger?: boolean;
  /** What the last try was refused for. */
  problems?: readonly Problem[];
  onOpen?: () => void;
  /** True closes the dialog. */
  onConfirm: (note: string) => Promise<boolean>;
}

/** A button that asks before it acts. */
export function ConfirmButton({
  children,
  title,
  text,
  note,
  confirmLabel,
  danger = false,
  problems = [],
  onOpen,
  onConfirm,
  ...button
}: Props) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const [words, setWords] = useState('');
  const [running, setRunning] = useState(false);
  const missing = note?.required === true && words.trim() === '';

  const open = () => {
    setWords('');
    onOpen?.();
    setOpened(true);
  };
  const confirm = async () => {
    setRunning(true);
    const close = await onConfirm(words.trim());
    setRunning(false);
    if (close) setOpened(false);
  };

  return (
    <>
      <Button {...(danger ? { color: 'red' } : {})} {...button} onClick={open}>
        {children}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={title} centered>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!missing && !running) void confirm();
          }}
        >
          <Stack>
            {text !== undefined && (
              <Text size="sm" component="div">
                {text}
              </Text>
            )}
            {note !== undefined && (
              <Textarea
                label={note.label}
                required={note.required ?? false}
                maxLength={note.maxLength ?? 2000}
                autosize
                minRows={3}
                value={words}
                onChange={(event) => setWords(event.currentTarget.value)}
                data-autofocus
              />
            )}
            <Problems problems={problems} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpened(false)}>
                {t('common.cancel')}
              </Button>
              <Button
                type="submit"
                loading={running}
                disabled={missing}
                {...(danger ? { color: 'red' } : {})}
              >
                {confirmLabel ?? t('common.confirm')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
