import {
  Button,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MoneyInput, placeProblems } from '../../../components/forms';
import { Section } from '../../../components/layout';
import { Problems } from '../../../components/states';
import type { Problem } from '../../../lib/errors';
import { parseMoney } from '../../../lib/format';
import { UserErrorFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { bicFits, bikFits, grouped, ibanProblem, keyFits, plain } from './account';

const SetPayoutProfile = graphql(
  `
    mutation SetPayoutProfile($input: SetPayoutProfileInput!) {
      setPayoutProfile(input: $input) {
        profile {
          currency
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const RAILS = ['BANK_FILE', 'MANUAL'] as const;
type Rail = (typeof RAILS)[number];

export function isRail(name: string): name is Rail {
  return (RAILS as readonly string[]).includes(name);
}

/** The parts of an account as the form names them; refusals name them too. */
const EMPTY = { holder: '', country: '', iban: '', bic: '', bik: '', account: '' };

interface Values {
  currency: string;
  rail: Rail;
  number: 'IBAN' | 'RUSSIAN';
  holder: string;
  country: string;
  iban: string;
  bic: string;
  bik: string;
  account: string;
  details: string;
  minPayout: string;
}

/** Whether nothing of an account was typed: what is stored stays then. */
function untouched(values: Values): boolean {
  const number = values.number === 'IBAN' ? [values.iban] : [values.bik, values.account];
  return [values.holder, values.bic, ...number].every((each) => each.trim() === '');
}

/** The account as the API takes it; null keeps what is stored. */
function accountOf(values: Values) {
  if (values.rail === 'MANUAL' || untouched(values)) return null;
  const iban = values.number === 'IBAN';
  const given = (text: string) => (text.trim() === '' ? null : plain(text));
  return {
    holder: values.holder.trim(),
    country: plain(values.country),
    iban: iban ? given(values.iban) : null,
    bic: given(values.bic),
    bik: iban ? null : given(values.bik),
    account: iban ? null : given(values.account),
  };
}

type Form = UseFormReturnType<Values>;

function useValidate() {
  const { t } = useTranslation();
  return (values: Values) => {
    const errors: Partial<Record<keyof Values, string>> = {};
    if (values.minPayout.trim() !== '' && parseMoney(values.minPayout, values.currency) === null) {
      errors.minPayout = t('common.badMoney');
    }
    if (values.rail === 'MANUAL' || untouched(values)) return errors;
    if (values.holder.trim() === '') errors.holder = t('common.required');
    if (!/^[A-Z]{2}$/.test(plain(values.country))) errors.country = t('errors.COUNTRY_INVALID');
    if (values.bic.trim() !== '' && !bicFits(values.bic)) errors.bic = t('publisher.payout.badBic');
    if (values.number === 'IBAN') {
      if (ibanProblem(values.iban) !== null) errors.iban = t('errors.IBAN_INVALID');
    } else {
      if (!bikFits(values.bik)) errors.bik = t('publisher.payout.badBik');
      if (!keyFits(values.bik, values.account)) errors.account = t('errors.ACCOUNT_KEY_INVALID');
    }
    return errors;
  };
}

/** Sets how one currency is paid out. */
export function ProfileForm({
  currencies,
  country,
}: {
  currencies: string[];
  /** The organization's own; most holders live where it does. */
  country: string;
}) {
  const { t } = useTranslation();
  const save = useAction(SetPayoutProfile);
  const [rest, setRest] = useState<Problem[]>([]);
  const validate = useValidate();
  const form = useForm<Values>({
    initialValues: {
      ...EMPTY,
      country,
      currency: currencies[0] ?? '',
      rail: 'BANK_FILE',
      number: currencies[0] === 'RUB' ? 'RUSSIAN' : 'IBAN',
      details: '',
      minPayout: '',
    },
    validate,
  });
  const { currency, rail } = form.values;
  const submit = form.onSubmit(async (values) => {
    const minor = values.minPayout.trim() === '' ? null : parseMoney(values.minPayout, currency);
    const words = values.details.trim();
    const outcome = await save.run({
      currency: values.currency,
      rail: values.rail,
      account: accountOf(values),
      details: values.rail === 'BANK_FILE' || words === '' ? null : words,
      minPayout: minor === null ? null : { minor, currency: values.currency },
    });
    if (!outcome.ok) {
      setRest(placeProblems(form, outcome.problems, t));
      return;
    }
    setRest([]);
    form.setValues({ ...EMPTY, country, details: '' });
    notifications.show({ color: 'teal', message: t('publisher.payout.saved') });
  });
  if (currencies.length === 0) return null;
  return (
    <Section title={t('publisher.payout.change')}>
      <form onSubmit={submit} noValidate>
        <Stack maw={520}>
          <Select
            label={t('common.currency')}
            allowDeselect={false}
            data={currencies}
            {...form.getInputProps('currency')}
          />
          <Select
            label={t('publisher.payout.rail')}
            allowDeselect={false}
            data={RAILS.map((value) => ({ value, label: t(`publisher.payout.rails.${value}`) }))}
            {...form.getInputProps('rail')}
          />
          {rail === 'BANK_FILE' ? (
            <AccountFields form={form} />
          ) : (
            <Textarea
              label={t('publisher.payout.details')}
              description={t('publisher.payout.detailsHint')}
              autosize
              minRows={3}
              autoComplete="off"
              {...form.getInputProps('details')}
            />
          )}
          <MoneyInput
            label={t('publisher.payout.min')}
            description={t('publisher.payout.minHint')}
            currency={currency}
            value={form.values.minPayout}
            error={form.errors.minPayout}
            onValue={(text) => form.setFieldValue('minPayout', text)}
          />
          <Text size="xs" c="dimmed">
            {t('publisher.payout.sealed')} {t('publisher.payout.keeps')}
          </Text>
          <Problems problems={rest} />
          <Group>
            <Button type="submit" loading={save.running}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

/** The account: an IBAN, or a BIK with an account, checked while it is typed. */
function AccountFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  const { number } = form.values;
  return (
    <>
      <TextInput
        label={t('publisher.payout.holder')}
        description={t('publisher.payout.holderHint')}
        maxLength={140}
        autoComplete="off"
        {...form.getInputProps('holder')}
      />
      <TextInput
        label={t('publisher.payout.country')}
        description={t('publisher.payout.countryHint')}
        maxLength={2}
        w={200}
        {...form.getInputProps('country')}
      />
      <SegmentedControl
        aria-label={t('publisher.payout.account')}
        data={(['IBAN', 'RUSSIAN'] as const).map((value) => ({
          value,
          label: t(`publisher.payout.numbers.${value}`),
        }))}
        {...form.getInputProps('number')}
      />
      {number === 'IBAN' ? <IbanField form={form} /> : <RussianFields form={form} />}
      <TextInput
        label={t('publisher.payout.bic')}
        description={t('publisher.payout.bicHint')}
        maxLength={14}
        autoComplete="off"
        {...form.getInputProps('bic')}
      />
    </>
  );
}

/** What is said under a number while it is typed: nothing yet, a slip, or that it fits. */
function Told({ good, text }: { good: boolean; text: string | null }) {
  return (
    <Text size="xs" c={good ? 'teal.9' : 'orange.9'} role="status" aria-live="polite" mt={-8}>
      {text}
    </Text>
  );
}

function IbanField({ form }: { form: Form }) {
  const { t } = useTranslation();
  const { iban } = form.values;
  const words = {
    short: t('publisher.payout.ibanShort'),
    form: t('publisher.payout.ibanForm'),
    digits: t('publisher.payout.ibanDigits'),
  };
  const problem = ibanProblem(iban);
  const told = plain(iban) === '' ? null : problem === null ? null : words[problem];
  return (
    <>
      <TextInput
        label={t('publisher.payout.iban')}
        autoComplete="off"
        spellCheck={false}
        maxLength={50}
        styles={{ input: { fontFamily: 'monospace' } }}
        {...form.getInputProps('iban')}
        onBlur={() => form.setFieldValue('iban', grouped(iban))}
      />
      {form.errors.iban === undefined && plain(iban) !== '' && (
        <Told good={problem === null} text={told ?? t('publisher.payout.ibanFits')} />
      )}
    </>
  );
}

function RussianFields({ form }: { form: Form }) {
  const { t } = useTranslation();
  const { bik, account } = form.values;
  const whole = plain(account).length === 20 && bikFits(bik);
  const fits = keyFits(bik, account);
  return (
    <>
      <TextInput
        label={t('publisher.payout.bik')}
        inputMode="numeric"
        autoComplete="off"
        maxLength={12}
        styles={{ input: { fontFamily: 'monospace' } }}
        {...form.getInputProps('bik')}
      />
      <TextInput
        label={t('publisher.payout.ruAccount')}
        inputMode="numeric"
        autoComplete="off"
        maxLength={30}
        styles={{ input: { fontFamily: 'monospace' } }}
        {...form.getInputProps('account')}
      />
      {whole && form.errors.account === undefined && (
        <Told good={fits} text={t(fits ? 'publisher.payout.keyFits' : 'publisher.payout.badKey')} />
      )}
    </>
  );
}
