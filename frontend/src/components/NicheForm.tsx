import { Checkbox, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Problem, problemText } from '../lib/errors';
import { useLocalized } from './text';

export interface NicheFieldSpec {
  name: string;
  label: { en: string; ru: string };
  kind: string | null;
  type: string;
  required: boolean;
  options: readonly { value: string; label: { en: string; ru: string } }[];
}

export type FieldValues = Record<string, string | number | boolean>;

const AUTOCOMPLETE: Record<string, string> = {
  phone: 'tel',
  email: 'email',
  name: 'name',
  postal_code: 'postal-code',
};

/** Inputs for the fields of a niche, made from its schema. Empty fields are left out of the value. */
export function NicheForm({
  fields,
  values,
  problems = [],
  onChange,
}: {
  fields: readonly NicheFieldSpec[];
  values: FieldValues;
  problems?: readonly Problem[];
  onChange: (values: FieldValues) => void;
}) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const set = (name: string, value: string | number | boolean | null) => {
    const rest = Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
    onChange(value === null || value === '' ? rest : { ...rest, [name]: value });
  };
  return (
    <Stack gap="sm">
      {fields.map((field) => {
        const problem = problems.find(
          (each) => each.field === field.name || each.field?.endsWith(`/${field.name}`) === true,
        );
        const base = {
          label: localized(field.label),
          required: field.required,
          error: problem === undefined ? null : problemText(problem, t),
        };
        const value = values[field.name];
        if (field.options.length > 0) {
          return (
            <Select
              key={field.name}
              {...base}
              searchable
              clearable={!field.required}
              data={field.options.map((each) => ({
                value: each.value,
                label: localized(each.label),
              }))}
              value={value === undefined ? null : String(value)}
              onChange={(next) => set(field.name, next)}
            />
          );
        }
        if (field.type === 'boolean') {
          return (
            <Checkbox
              key={field.name}
              label={base.label}
              error={base.error}
              checked={value === true}
              onChange={(event) => set(field.name, event.currentTarget.checked)}
            />
          );
        }
        if (field.type === 'integer' || field.type === 'number') {
          return (
            <NumberInput
              key={field.name}
              {...base}
              allowDecimal={field.type === 'number'}
              value={typeof value === 'number' ? value : ''}
              onChange={(next) => set(field.name, next === '' ? null : Number(next))}
            />
          );
        }
        const autoComplete = AUTOCOMPLETE[field.kind ?? ''] ?? 'off';
        return (
          <TextInput
            key={field.name}
            {...base}
            type={field.kind === 'email' ? 'email' : field.kind === 'phone' ? 'tel' : 'text'}
            autoComplete={autoComplete}
            value={typeof value === 'string' ? value : ''}
            onChange={(event) => set(field.name, event.currentTarget.value)}
          />
        );
      })}
    </Stack>
  );
}
