import {
  Button,
  Group,
  Modal,
  Select,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MoneyInput, placeProblems } from '../../../components/forms';
import { Problems } from '../../../components/states';
import type { Problem } from '../../../lib/errors';
import { formatMoney, parseMoney } from '../../../lib/format';
import { MoneyFields, UserErrorFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useRead } from '../../../lib/use-read';

const BuyersQuery = graphql(`
  query BuyersToTopUp {
    organizations(kind: BUYER, state: ACTIVE, first: 100) {
      nodes {
        id
        name
      }
    }
    niches {
      id
      currency
    }
  }
`);

const RecordTopUpMutation = graphql(
  `
    mutation RecordTopUp($input: RecordTopUpInput!) {
      recordTopUp(input: $input) {
        topUp {
          id
          amount {
            ...MoneyFields
          }
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [MoneyFields, UserErrorFields],
);

/** How money may have come in. The ledger keeps one external account per rail. */
const RAILS = ['BANK', 'MANUAL'] as const;

interface Values {
  buyerId: string;
  currency: string;
  amount: string;
  rail: string;
  reference: string;
  note: string;
}

const EMPTY: Values = {
  buyerId: '',
  currency: '',
  amount: '',
  rail: 'BANK',
  reference: '',
  note: '',
};

/** Records a bank transfer or another payment that has arrived. */
export function RecordTopUp() {
  const { t, i18n } = useTranslation();
  const [opened, setOpened] = useState(false);
  const [problems, setProblems] = useState<Problem[]>([]);
  const { data } = useRead(BuyersQuery, {}, { pause: !opened });
  const record = useAction(RecordTopUpMutation, { idempotent: true });
  const currencies = [...new Set((data?.niches ?? []).map((niche) => niche.currency))].sort();
  const needed = (value: string) => (value.trim() === '' ? t('common.required') : null);
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: EMPTY,
    validate: {
      buyerId: needed,
      currency: needed,
      reference: needed,
      amount: (value, values) => {
        const minor = parseMoney(value, values.currency === '' ? 'RUB' : values.currency);
        return minor === null || /^0*$/.test(minor) ? t('common.badMoney') : null;
      },
    },
  });
  const { currency } = form.getValues();

  const open = () => {
    form.setValues(EMPTY);
    form.clearErrors();
    setProblems([]);
    setOpened(true);
  };
  const submit = async (values: Values) => {
    const minor = parseMoney(values.amount, values.currency);
    if (minor === null) return;
    const outcome = await record.run({
      buyerId: values.buyerId,
      amount: { minor, currency: values.currency },
      rail: values.rail,
      reference: values.reference.trim(),
      note: values.note.trim() === '' ? null : values.note.trim(),
    });
    if (!outcome.ok) {
      setProblems(placeProblems(form, outcome.problems, t));
      return;
    }
    const amount = outcome.payload.topUp?.amount;
    notifications.show({
      color: 'teal',
      title: t('operator.topUps.done'),
      message: amount === undefined ? '' : formatMoney(amount, i18n.language),
    });
    setOpened(false);
  };

  return (
    <>
      <Button onClick={open}>{t('operator.topUps.record')}</Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t('operator.topUps.record')}>
        <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
          <Stack>
            <Select
              label={t('shared.buyer')}
              required
              searchable
              data={(data?.organizations.nodes ?? []).map((each) => ({
                value: each.id,
                label: each.name,
              }))}
              {...form.getInputProps('buyerId')}
            />
            <SimpleGrid cols={2}>
              <Select
                label={t('common.currency')}
                required
                allowDeselect={false}
                data={currencies}
                {...form.getInputProps('currency')}
              />
              <MoneyInput
                label={t('common.amount')}
                required
                currency={currency === '' ? 'RUB' : currency}
                value={form.getValues().amount}
                error={form.errors.amount}
                onValue={(text) => form.setFieldValue('amount', text)}
              />
            </SimpleGrid>
            <SimpleGrid cols={2}>
              <Select
                label={t('shared.rail')}
                required
                allowDeselect={false}
                data={RAILS.map((each) => ({ value: each, label: t(`shared.rails.${each}`) }))}
                {...form.getInputProps('rail')}
              />
              <TextInput
                label={t('shared.reference')}
                required
                maxLength={200}
                {...form.getInputProps('reference')}
              />
            </SimpleGrid>
            <Textarea
              label={`${t('common.note')} (${t('common.optional')})`}
              maxLength={1000}
              autosize
              {...form.getInputProps('note')}
            />
            <Problems problems={problems} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpened(false)}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={record.running}>
                {t('operator.topUps.record')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
