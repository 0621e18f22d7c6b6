import { Button, type ButtonProps, Group, Modal, Stack } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../lib/errors';
import { placeProblems } from './forms';
import { Problems } from './states';

interface Props<Values extends object> extends ButtonProps {
  /** Names the button, the dialog and what it does. */
  label: string;
  form: UseFormReturnType<Values>;
  running: boolean;
  /** Sends the values; a success closes the dialog. */
  onSend: (values: Values) => Promise<{ ok: true } | { ok: false; problems: readonly Problem[] }>;
  /** The inputs. */
  children: ReactNode;
}

/**
 * A button that opens a form in a dialog. Refusals stand at their fields; those that belong to
 * none stand above the buttons.
 */
export function FormDialog<Values extends object>({
  label,
  form,
  running,
  onSend,
  children,
  ...button
}: Props<Values>) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure(false);
  const [rest, setRest] = useState<Problem[]>([]);
  const submit = form.onSubmit(async (values) => {
    const outcome = await onSend(values);
    if (outcome.ok) close();
    else setRest(placeProblems(form, outcome.problems, t));
  });
  return (
    <>
      <Button
        {...button}
        onClick={() => {
          form.reset();
          setRest([]);
          open();
        }}
      >
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={label} centered>
        <form onSubmit={submit} noValidate>
          <Stack>
            {children}
            <Problems problems={rest} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={running}>
                {label}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
