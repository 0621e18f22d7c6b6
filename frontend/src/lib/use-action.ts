import { useCallback, useRef, useState } from 'react';
import { type TypedDocumentNode, useClient } from 'urql';
import { type Problem, problemsOf } from './errors';
import { IdempotencyKeys } from './idempotency';

type Payload<Data> = NonNullable<Data[keyof Data]>;

export type Outcome<Data> =
  { ok: true; payload: Payload<Data> } | { ok: false; problems: Problem[] };

/** What a form gives: the key of an idempotent action is added here. */
export type Unkeyed<Input> = Omit<Input, 'idempotencyKey'>;

export interface Action<Data, Input> {
  run: (input: Unkeyed<Input>) => Promise<Outcome<Data>>;
  running: boolean;
  /** What the last run was refused for; empty after a success. */
  problems: Problem[];
  clear: () => void;
}

function userErrors(payload: unknown): Problem[] {
  if (typeof payload !== 'object' || payload === null || !('userErrors' in payload)) return [];
  return Array.isArray(payload.userErrors) ? (payload.userErrors as Problem[]) : [];
}

/**
 * Runs a mutation of the form `name(input: …) { object userErrors { code field message } }`.
 * With `idempotent`, the input carries a key that survives a failed connection.
 */
export function useAction<Data extends object, Input extends object>(
  mutation: TypedDocumentNode<Data, { input: Input }>,
  options: { idempotent?: boolean } = {},
): Action<Data, Input> {
  const client = useClient();
  const idempotent = options.idempotent ?? false;
  const keys = useRef(new IdempotencyKeys());
  const [running, setRunning] = useState(false);
  const [problems, setProblems] = useState<Problem[]>([]);

  const run = useCallback(
    async (input: Unkeyed<Input>): Promise<Outcome<Data>> => {
      setRunning(true);
      const full = idempotent ? { ...input, idempotencyKey: keys.current.keyFor(input) } : input;
      const result = await client.mutation(mutation, { input: full as Input }).toPromise();
      setRunning(false);
      if (result.error?.networkError === undefined) keys.current.answered();
      const payload: unknown =
        result.data === undefined ? undefined : Object.values(result.data)[0];
      const refused = result.error === undefined ? userErrors(payload) : problemsOf(result.error);
      setProblems(refused);
      if (refused.length > 0 || payload == null) {
        return { ok: false, problems: refused };
      }
      return { ok: true, payload: payload as Payload<Data> };
    },
    [client, idempotent, mutation],
  );
  const clear = useCallback(() => setProblems([]), []);
  return { run, running, problems, clear };
}
