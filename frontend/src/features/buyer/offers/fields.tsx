import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { MoneyInput } from '../../../components/forms';
import { DurationInput } from '../../market/inputs';
import type { NicheRules, TermsForm } from './termsForm';

export interface SectionProps {
  form: UseFormReturnType<TermsForm>;
  rules: NicheRules;
}

/** An amount of the niche's currency at a path of the form. */
export function PriceField({
  form,
  rules,
  path,
  ...rest
}: SectionProps & { path: string; label: string; description?: string; placeholder?: string }) {
  const input = form.getInputProps(path) as {
    value: string;
    error?: ReactNode;
    onChange: (text: string) => void;
  };
  return (
    <MoneyInput
      {...rest}
      currency={rules.currency}
      value={input.value}
      error={input.error}
      onValue={input.onChange}
    />
  );
}

/** A duration at a path of the form. */
export function DurationField({
  form,
  path,
  ...rest
}: {
  form: SectionProps['form'];
  path: string;
  label: string;
  description?: string;
}) {
  const input = form.getInputProps(path) as {
    value: number;
    error?: ReactNode;
    onChange: (seconds: number) => void;
  };
  return <DurationInput {...rest} {...input} />;
}
