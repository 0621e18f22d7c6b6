import { Button, Checkbox, Group, Modal, Radio, Select, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MoneyInput, placeProblems } from '../../../components/forms';
import { Problems } from '../../../components/states';
import type { Problem } from '../../../lib/errors';
import { parseMoney } from '../../../lib/format';
import { UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { type CardsQuery, expiry, useCardName } from './cards';

const CreateCheckout = graphql(
  `
    mutation CreateCheckout($input: CreateCheckoutInput!) {
      createCheckout(input: $input) {
        cardTopUp {
          id
          url
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const ChargeSavedCard = graphql(
  `
    mutation ChargeSavedCard($input: ChargeSavedCardInput!) {
      chargeSavedCard(input: $input) {
        cardTopUp {
          id
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type Cards = ResultOf<typeof CardsQuery>['savedCards'];

/** A card that nobody has saved yet: the provider's page asks for it. */
const NEW = 'new';

/**
 * Asks how much and by which card. A new card is typed into the provider's page, a saved one is
 * charged at once; `onStarted` is told which top-up it is.
 */
export function TopUpDialog({
  currencies,
  cards,
  onStarted,
}: {
  currencies: readonly string[];
  cards: Cards;
  onStarted: (id: string) => void;
}) {
  const { t } = useTranslation();
  const cardName = useCardName();
  const [opened, { open, close }] = useDisclosure(false);
  const [rest, setRest] = useState<Problem[]>([]);
  const [leaving, setLeaving] = useState(false);
  const checkout = useAction(CreateCheckout, { idempotent: true });
  const charge = useAction(ChargeSavedCard, { idempotent: true });
  const form = useForm({
    initialValues: {
      currency: currencies[0] ?? '',
      amount: '',
      cardId: cards[0]?.id ?? NEW,
      saveCard: false,
    },
    validate: {
      amount: (value, values) => {
        const minor = parseMoney(value, values.currency);
        return minor === null || /^0*$/.test(minor) ? t('common.badMoney') : null;
      },
    },
  });
  const { currency, cardId } = form.values;

  const started = (id: string | undefined) => {
    close();
    if (id !== undefined) onStarted(id);
  };
  const submit = form.onSubmit(async (values) => {
    const minor = parseMoney(values.amount, values.currency);
    if (minor === null) return;
    const amount = { minor, currency: values.currency };
    if (values.cardId !== NEW) {
      const charged = await charge.run({ amount, cardId: values.cardId });
      if (charged.ok) started(charged.payload.cardTopUp?.id);
      else setRest(placeProblems(form, charged.problems, t));
      return;
    }
    const outcome = await checkout.run({ amount, saveCard: values.saveCard });
    if (!outcome.ok) {
      setRest(placeProblems(form, outcome.problems, t));
      return;
    }
    const url = outcome.payload.cardTopUp?.url ?? null;
    if (url === null) {
      started(outcome.payload.cardTopUp?.id);
      return;
    }
    // The page that the browser leaves for is the provider's; it comes back to the wallet.
    setLeaving(true);
    window.location.assign(url);
  });

  return (
    <>
      <Button
        onClick={() => {
          form.setValues({ amount: '', cardId: cards[0]?.id ?? NEW, saveCard: false });
          form.clearErrors();
          setRest([]);
          open();
        }}
      >
        {t('buyer.wallet.topUp')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('buyer.wallet.topUp')} centered>
        <form onSubmit={submit} noValidate>
          <Stack>
            {currencies.length > 1 && (
              <Select
                label={t('common.currency')}
                allowDeselect={false}
                data={[...currencies]}
                {...form.getInputProps('currency')}
              />
            )}
            <MoneyInput
              label={t('common.amount')}
              required
              data-autofocus
              currency={currency}
              value={form.values.amount}
              error={form.errors.amount}
              onValue={(text) => form.setFieldValue('amount', text)}
            />
            {cards.length > 0 && (
              <Radio.Group label={t('buyer.wallet.payWith')} {...form.getInputProps('cardId')}>
                <Stack gap="xs" mt="xs">
                  {cards.map((card) => (
                    <Radio
                      key={card.id}
                      value={card.id}
                      label={cardName(card)}
                      description={
                        expiry(card) === null
                          ? undefined
                          : t('buyer.wallet.ends', { month: expiry(card) })
                      }
                    />
                  ))}
                  <Radio value={NEW} label={t('buyer.wallet.newCard')} />
                </Stack>
              </Radio.Group>
            )}
            {cardId === NEW ? (
              <>
                <Checkbox
                  label={t('buyer.wallet.saveCard')}
                  description={t('buyer.wallet.saveCardHint')}
                  {...form.getInputProps('saveCard', { type: 'checkbox' })}
                />
                <Text size="sm" c="dimmed">
                  {t('buyer.wallet.pageText')}
                </Text>
              </>
            ) : (
              <Text size="sm" c="dimmed">
                {t('buyer.wallet.chargeText')}
              </Text>
            )}
            <Problems problems={rest} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={checkout.running || charge.running || leaving}>
                {t(cardId === NEW ? 'buyer.wallet.toPage' : 'buyer.wallet.chargeNow')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
