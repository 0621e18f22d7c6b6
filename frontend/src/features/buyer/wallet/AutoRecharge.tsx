import { Alert, Badge, Group, Select, Stack, Switch, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { FormDialog } from '../../../components/FormDialog';
import { MoneyInput } from '../../../components/forms';
import { Facts } from '../../../components/layout';
import { Deadline, MoneyText } from '../../../components/text';
import { parseMoney } from '../../../lib/format';
import { UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { type CardsQuery, useCardName } from './cards';

const SetAutoRecharge = graphql(
  `
    mutation SetAutoRecharge($input: SetAutoRechargeInput!) {
      setAutoRecharge(input: $input) {
        autoRecharge {
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

type Data = ResultOf<typeof CardsQuery>;
type Settings = Data['autoRecharges'][number];
type Cards = Data['savedCards'];

/** When a saved card is charged by itself, currency by currency. */
export function AutoRecharges({
  settings,
  cards,
  currencies,
}: {
  settings: readonly Settings[];
  cards: Cards;
  currencies: readonly string[];
}) {
  const { t } = useTranslation();
  const can = useCan();
  const rest = currencies.filter((each) => settings.every((one) => one.currency !== each));
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('buyer.wallet.auto.text')}
      </Text>
      {settings.map((one) => (
        <One key={one.currency} settings={one} cards={cards} />
      ))}
      {can('FUND_WALLET') &&
        (cards.length === 0 ? (
          <Text size="sm">{t('buyer.wallet.auto.needsCard')}</Text>
        ) : (
          rest.length > 0 && (
            <Group>
              <Form label={t('buyer.wallet.auto.setUp')} currencies={rest} cards={cards} />
            </Group>
          )
        ))}
    </Stack>
  );
}

function One({ settings, cards }: { settings: Settings; cards: Cards }) {
  const { t } = useTranslation();
  const can = useCan();
  const cardName = useCardName();
  const gone = settings.card === null || settings.card.removedAt !== null;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600}>{settings.currency}</Text>
          <Badge
            variant="light"
            radius="sm"
            tt="none"
            color={!settings.enabled ? 'gray' : settings.stop === null ? 'teal' : 'orange'}
          >
            {t(
              !settings.enabled
                ? 'buyer.wallet.auto.off'
                : settings.stop === null
                  ? 'buyer.wallet.auto.on'
                  : 'buyer.wallet.auto.stopped',
            )}
          </Badge>
        </Group>
        {can('FUND_WALLET') && cards.length > 0 && (
          <Form
            // Saved settings are what the form begins with.
            key={JSON.stringify(settings)}
            label={t('buyer.wallet.auto.change')}
            settings={settings}
            currencies={[settings.currency]}
            cards={cards}
          />
        )}
      </Group>
      {settings.stop !== null && (
        <Alert color="orange" title={t(`enums.RechargeStop.${settings.stop}`)}>
          {t(`buyer.wallet.auto.stops.${settings.stop}`)}
          {settings.retryAt !== null && (
            <Text size="sm">
              {t('buyer.wallet.auto.retryAt')} <Deadline at={settings.retryAt} />
            </Text>
          )}
        </Alert>
      )}
      <Facts
        cols={5}
        facts={[
          {
            label: t('buyer.wallet.auto.threshold'),
            value: <MoneyText money={settings.threshold} />,
          },
          { label: t('buyer.wallet.auto.amount'), value: <MoneyText money={settings.amount} /> },
          {
            label: t('buyer.wallet.auto.monthlyMax'),
            value: <MoneyText money={settings.monthlyMax} />,
          },
          {
            label: t('buyer.wallet.card'),
            value: gone ? t('buyer.wallet.auto.cardGone') : cardName(settings.card),
          },
          settings.failures > 0 && {
            label: t('buyer.wallet.auto.failures'),
            value: settings.failures,
          },
        ]}
      />
    </Stack>
  );
}

function Form({
  label,
  settings,
  currencies,
  cards,
}: {
  label: string;
  settings?: Settings;
  currencies: readonly string[];
  cards: Cards;
}) {
  const { t } = useTranslation();
  const cardName = useCardName();
  const save = useAction(SetAutoRecharge, { idempotent: true });
  const bad = (value: string, currency: string, zero: boolean) => {
    const minor = parseMoney(value, currency);
    return minor === null || (!zero && /^0*$/.test(minor)) ? t('common.badMoney') : null;
  };
  const known = cards.find((card) => card.id === settings?.card?.id);
  const form = useForm({
    initialValues: {
      enabled: settings?.enabled ?? true,
      currency: currencies[0] ?? '',
      threshold: settings?.threshold.decimal ?? '',
      amount: settings?.amount.decimal ?? '',
      monthlyMax: settings?.monthlyMax.decimal ?? '',
      cardId: known?.id ?? cards[0]?.id ?? '',
    },
    validate: {
      threshold: (value, values) => bad(value, values.currency, true),
      amount: (value, values) => bad(value, values.currency, false),
      monthlyMax: (value, values) => bad(value, values.currency, false),
    },
  });
  const { currency } = form.values;
  const money = (name: 'threshold' | 'amount' | 'monthlyMax', description: string) => (
    <MoneyInput
      label={t(`buyer.wallet.auto.${name}`)}
      description={description}
      required
      currency={currency}
      value={form.values[name]}
      error={form.errors[name]}
      onValue={(text) => form.setFieldValue(name, text)}
    />
  );
  return (
    <FormDialog
      label={label}
      size="xs"
      variant={settings === undefined ? 'filled' : 'default'}
      form={form}
      running={save.running}
      onSend={async (values) => {
        const sum = (text: string) => ({
          minor: parseMoney(text, values.currency) ?? '0',
          currency: values.currency,
        });
        const outcome = await save.run({
          enabled: values.enabled,
          threshold: sum(values.threshold),
          amount: sum(values.amount),
          monthlyMax: sum(values.monthlyMax),
          cardId: values.cardId,
        });
        if (outcome.ok) {
          notifications.show({ color: 'teal', message: t('buyer.wallet.auto.saved') });
        }
        return outcome;
      }}
    >
      <Switch
        label={t('buyer.wallet.auto.enabled')}
        {...form.getInputProps('enabled', { type: 'checkbox' })}
      />
      {currencies.length > 1 && (
        <Select
          label={t('common.currency')}
          allowDeselect={false}
          data={[...currencies]}
          {...form.getInputProps('currency')}
        />
      )}
      {money('threshold', t('buyer.wallet.auto.thresholdHint'))}
      {money('amount', t('buyer.wallet.auto.amountHint'))}
      {money('monthlyMax', t('buyer.wallet.auto.monthlyMaxHint'))}
      <Select
        label={t('buyer.wallet.card')}
        allowDeselect={false}
        data={cards.map((card) => ({ value: card.id, label: cardName(card) }))}
        {...form.getInputProps('cardId')}
      />
    </FormDialog>
  );
}
