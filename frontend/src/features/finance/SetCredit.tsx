import { SimpleGrid, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../components/FormDialog';
import { MoneyInput } from '../../components/forms';
import { Facts } from '../../components/layout';
import { MoneyText } from '../../components/text';
import { parseMoney } from '../../lib/format';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { decimalOf } from '../market/money';
import { BuyerSelect, CurrencySelect, useBuyers } from './buyers';
import { creditChangesQuery, setCreditLimit } from './documents';
import { limitNow } from './rules';

/** A button that sets how much a buyer may spend beyond the own money. */
export function SetCredit() {
  const { t } = useTranslation();
  const { buyers, currencies } = useBuyers();
  const set = useAction(setCreditLimit, { idempotent: true });
  const needed = (value: string) => (value.trim() === '' ? t('common.required') : null);
  const form = useForm({
    mode: 'controlled',
    initialValues: { buyerId: '', currency: '', limit: '', note: '' },
    validate: {
      buyerId: needed,
      currency: needed,
      limit: (value, { currency }) =>
        parseMoney(value, currency === '' ? 'RUB' : currency) === null
          ? t('common.badMoney')
          : null,
      note: needed,
    },
  });
  const { buyerId, currency } = form.values;
  return (
    <FormDialog
      label={t('finance.credit.set')}
      form={form}
      running={set.running}
      onSend={async (values) => {
        const outcome = await set.run({
          buyerId: values.buyerId,
          limit: {
            minor: parseMoney(values.limit, values.currency) ?? '',
            currency: values.currency,
          },
          note: values.note.trim(),
        });
        if (outcome.ok) notifications.show({ color: 'teal', message: t('finance.credit.done') });
        return outcome;
      }}
    >
      <BuyerSelect data={buyers} {...form.getInputProps('buyerId')} />
      <SimpleGrid cols={2}>
        <CurrencySelect data={currencies} {...form.getInputProps('currency')} />
        <MoneyInput
          label={t('finance.credit.limit')}
          required
          currency={currency === '' ? 'RUB' : currency}
          value={form.values.limit}
          error={form.errors.limit}
          onValue={(text) => form.setFieldValue('limit', text)}
        />
      </SimpleGrid>
      {buyerId !== '' && currency !== '' && <LimitNow buyerId={buyerId} currency={currency} />}
      <Text size="sm" c="dimmed">
        {t('finance.credit.zero')}
      </Text>
      <Textarea
        label={t('finance.credit.why')}
        description={t('finance.credit.noteHint')}
        required
        maxLength={1000}
        autosize
        minRows={2}
        {...form.getInputProps('note')}
      />
    </FormDialog>
  );
}

function LimitNow({ buyerId, currency }: { buyerId: string; currency: string }) {
  const { t } = useTranslation();
  const { data } = useRead(creditChangesQuery, { buyerId, first: 100 });
  if (data === undefined) return null;
  const zero = { minor: '0', currency, decimal: decimalOf('0', currency) };
  const limit = limitNow(data.creditChanges.nodes, currency) ?? zero;
  return <Facts facts={[{ label: t('finance.credit.now'), value: <MoneyText money={limit} /> }]} />;
}
