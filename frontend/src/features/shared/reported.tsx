import { SegmentedControl } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { MoneyInput } from '../../components/forms';
import { parseMoney } from '../../lib/format';

/** What is said of an event that came after the award, by its buyer or by its publisher. */
export interface ReportedForm {
  goal: 'SALE' | 'REGISTRATION';
  /** What the sale was worth; may be empty. */
  amount: string;
}

/** Only sales have an amount, and a typed one must be one. */
export function amountCheck(currency: string, t: TFunction) {
  return (value: string, { goal }: ReportedForm): string | null =>
    goal === 'SALE' && value.trim() !== '' && parseMoney(value, currency) === null
      ? t('common.badMoney')
      : null;
}

/** The amount as the API takes it; null where none was given. */
export function saleAmount({ goal, amount }: ReportedForm, currency: string) {
  const minor = parseMoney(amount, currency);
  return goal === 'SALE' && minor !== null ? { minor, currency } : null;
}

/** Which event it was. */
export function ReportedGoal<Form extends ReportedForm>({
  form,
}: {
  form: UseFormReturnType<Form>;
}) {
  const { t } = useTranslation();
  return (
    <SegmentedControl
      aria-label={t('shared.goal')}
      data={[
        { value: 'SALE', label: t('enums.GoalKind.SALE') },
        { value: 'REGISTRATION', label: t('enums.GoalKind.REGISTRATION') },
      ]}
      value={form.values.goal}
      onChange={(next) =>
        form.setFieldValue('goal', (next === 'SALE' ? 'SALE' : 'REGISTRATION') as never)
      }
    />
  );
}

/** What a sale was worth; nothing is asked of a registration. */
export function SaleAmount<Form extends ReportedForm>({
  form,
  currency,
}: {
  form: UseFormReturnType<Form>;
  currency: string;
}) {
  const { t } = useTranslation();
  if (form.values.goal !== 'SALE') return null;
  return (
    <MoneyInput
      label={`${t('shared.saleAmount')} (${t('common.optional')})`}
      description={t('shared.saleAmountHint')}
      currency={currency}
      value={form.values.amount}
      error={form.errors.amount}
      onValue={(text) => form.setFieldValue('amount', text as never)}
    />
  );
}
