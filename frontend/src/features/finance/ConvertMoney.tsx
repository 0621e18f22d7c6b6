import { SimpleGrid, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../components/FormDialog';
import { MoneyInput } from '../../components/forms';
import { MoneyText } from '../../components/text';
import { type MoneyValue, parseMoney } from '../../lib/format';
import { useAction } from '../../lib/use-action';
import { BuyerSelect, CurrencySelect, useBuyers } from './buyers';
import { convertMoney } from './documents';
import { converted, parseRate } from './rules';

interface Values {
  buyerId: string;
  currency: string;
  amount: string;
  to: string;
  rate: string;
  note: string;
}

const EMPTY: Values = { buyerId: '', currency: '', amount: '', to: '', rate: '', note: '' };

/** What the buyer would get: undefined while something is missing, null for nothing. */
function preview({ currency, amount, to, rate }: Values): MoneyValue | null | undefined {
  const minor = currency === '' ? null : parseMoney(amount, currency);
  const parsed = parseRate(rate);
  if (minor === null || parsed === null || to === '' || to === currency) return undefined;
  return converted(minor, currency, to, parsed);
}

/** A button that converts a buyer's money at a rate, with a preview of what comes out. */
export function ConvertMoney() {
  const { t } = useTranslation();
  const { buyers, currencies } = useBuyers();
  const convert = useAction(convertMoney, { idempotent: true });
  const needed = (value: string) => (value === '' ? t('common.required') : null);
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: EMPTY,
    validate: {
      buyerId: needed,
      currency: needed,
      amount: (value, { currency }) => {
        const minor = parseMoney(value, currency === '' ? 'RUB' : currency);
        return minor === null || minor === '0' ? t('common.badMoney') : null;
      },
      to: (value, { currency }) => {
        if (value !== '' && value === currency) return t('finance.fx.same');
        return needed(value);
      },
      rate: (value, values) => {
        if (parseRate(value) === null) return t('finance.fx.badRate');
        return preview(values) === null ? t('finance.fx.nothing') : null;
      },
    },
  });
  const { currency } = form.values;
  const result = preview(form.values);
  return (
    <FormDialog
      label={t('finance.fx.convert')}
      form={form}
      running={convert.running}
      onSend={async (values) => {
        const outcome = await convert.run({
          buyerId: values.buyerId,
          amount: {
            minor: parseMoney(values.amount, values.currency) ?? '',
            currency: values.currency,
          },
          to: values.to,
          rate: values.rate.trim().replace(',', '.'),
          note: values.note.trim() === '' ? null : values.note.trim(),
        });
        if (outcome.ok) notifications.show({ color: 'teal', message: t('finance.fx.done') });
        return outcome;
      }}
    >
      <BuyerSelect data={buyers} {...form.getInputProps('buyerId')} />
      <SimpleGrid cols={2}>
        <CurrencySelect
          label={t('finance.fx.from')}
          data={currencies}
          {...form.getInputProps('currency')}
        />
        <MoneyInput
          label={t('finance.fx.amount')}
          required
          currency={currency === '' ? 'RUB' : currency}
          value={form.values.amount}
          error={form.errors.amount}
          onValue={(text) => form.setFieldValue('amount', text)}
        />
      </SimpleGrid>
      <SimpleGrid cols={2}>
        <CurrencySelect
          label={t('finance.fx.to')}
          data={currencies}
          {...form.getInputProps('to')}
        />
        <TextInput
          label={t('finance.fx.rate')}
          required
          inputMode="decimal"
          autoComplete="off"
          {...form.getInputProps('rate')}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {t('finance.fx.rateHint')}
      </Text>
      <div aria-live="polite">
        {t('finance.fx.preview')}: <MoneyText money={result ?? null} fw={700} />
        <Text size="xs" c="dimmed">
          {t('finance.fx.rounding')}
        </Text>
      </div>
      <Textarea
        label={`${t('common.note')} (${t('common.optional')})`}
        description={t('finance.fx.noteHint')}
        maxLength={1000}
        autosize
        {...form.getInputProps('note')}
      />
    </FormDialog>
  );
}
