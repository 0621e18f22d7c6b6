import { notifications } from '@mantine/notifications';
import type { ComponentProps } from 'react';
import type { Action, Unkeyed } from '../lib/use-action';
import { ConfirmButton } from './ConfirmButton';

type Confirm = ComponentProps<typeof ConfirmButton>;

/**
 * A button that asks, and then runs an action. `input` makes the action's input from the note,
 * which is null when nothing was typed; `done` is said after a success.
 */
export function ActionButton<Data, Input>({
  action,
  input,
  done,
  ...confirm
}: Omit<Confirm, 'problems' | 'onOpen' | 'onConfirm'> & {
  action: Action<Data, Input>;
  input: (note: string | null) => Unkeyed<Input>;
  done?: string;
}) {
  return (
    <ConfirmButton
      {...confirm}
      problems={action.problems}
      onOpen={action.clear}
      onConfirm={async (note) => {
        const { ok } = await action.run(input(note === '' ? null : note));
        if (ok && done !== undefined) notifications.show({ color: 'teal', message: done });
        return ok;
      }}
    />
  );
}
