import { Textarea, type TextareaProps, TextInput, type TextInputProps } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Problem, problemText } from '../lib/errors';
import { parseMoney } from '../lib/format';

/**
 * Puts refusals at their fields and returns those that belong to none. The server names input
 * paths (`terms.goals[0].price`); the form's own names are tried first, then the last part.
 */
export function placeProblems<Values extends object>(
  form: UseFormReturnType<Values>,
  problems: readonly Problem[],
  t: TFunction,
): Problem[] {
  const names = new Set(Object.keys(form.getValues()));
  const rest: Problem[] = [];
  for (const problem of problems) {
    const path = problem.field ?? '';
    const plain = path.replace(/^input\./, '');
    const candidates = [plain, plain.split(/[.[]/)[0] ?? '', plain.split('.').at(-1) ?? ''];
    const name = candidates.find((each) => names.has(each));
    if (name === undefined) rest.push(problem);
    else form.setFieldError(name as never, problemText(problem, t));
  }
  return rest;
}

/** An amount as text; tells minor units, or null while it is no amount. */
export function MoneyInput({
  currency,
  value,
  onValue,
  ...input
}: Omit<TextInputProps, 'value' | 'onChange'> & {
  currency: string;
  value: string;
  onValue: (text: string, minor: string | null) => void;
}) {
  const { t } = useTranslation();
  const bad = value !== '' && parseMoney(value, currency) === null;
  return (
    <TextInput
      inputMode="decimal"
      autoComplete="off"
      rightSection={<span style={{ fontSize: 12 }}>{currency}</span>}
      rightSectionWidth={52}
      {...input}
      value={value}
      error={input.error ?? (bad ? t('common.badMoney') : null)}
      onChange={(event) => {
        const text = event.currentTarget.value;
        onValue(text, parseMoney(text, currency));
      }}
    />
  );
}

/** A JSON document as text, checked while it is typed. */
export function JsonInput({
  value,
  onValue,
  ...input
}: Omit<TextareaProps, 'value' | 'onChange'> & {
  value: string;
  onValue: (text: string) => void;
}) {
  const { t } = useTranslation();
  const [touched, setTouched] = useState(false);
  const reason = touched ? jsonProblem(value) : null;
  return (
    <Textarea
      autosize
      minRows={8}
      maxRows={28}
      spellCheck={false}
      styles={{ input: { fontFamily: 'monospace', fontSize: 12 } }}
      {...input}
      value={value}
      error={input.error ?? (reason === null ? null : t('common.badJson', { reason }))}
      onChange={(event) => {
        setTouched(true);
        onValue(event.currentTarget.value);
      }}
    />
  );
}

/** Why a text is no JSON, or null when it is. */
export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
