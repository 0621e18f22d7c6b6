import { Alert, Button, Group, NumberInput, Select, Text } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { FormDialog } from '../../components/FormDialog';
import { MoneyInput } from '../../components/forms';
import { InstantInput } from '../../components/InstantInput';
import { Facts } from '../../components/layout';
import { MoneyText } from '../../components/text';
import {
  formatDuration,
  formatMoney,
  formatNumber,
  type MoneyValue,
  parseMoney,
} from '../../lib/format';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { freeMoneyQuery, offersToOrderQuery, placeOrder } from './documents';
import { covers, daysFrom, leadsOf, MOST_LEADS, orderablePrice, times } from './rules';

interface Values {
  offerId: string;
  wanted: string | number;
  price: string;
  deadline: string | null;
}

interface Orderable {
  id: string;
  name: string;
  /** What the terms pay for a lead. */
  price: MoneyValue;
}

/** The buyer's offers that can be ordered. */
function useOrderable(): Orderable[] | undefined {
  const { data } = useRead(offersToOrderQuery, {});
  return data?.offers.nodes.flatMap(({ id, name, current }) => {
    const price = orderablePrice(current?.terms);
    return price === null ? [] : [{ id, name, price }];
  });
}

/** The price of a lead as typed, else that of the terms; null while it is no price. */
function priceOf(typed: string, declared: MoneyValue): { minor: string; currency: string } | null {
  if (typed.trim() === '') return declared;
  const minor = parseMoney(typed, declared.currency);
  return minor === null || minor === '0' ? null : { minor, currency: declared.currency };
}

/** A button that orders leads: of one offer, or of one that is chosen. */
export function PlaceOrder({ offerId }: { offerId?: string }) {
  const { t, i18n } = useTranslation();
  const can = useCan();
  const navigate = useNavigate();
  const place = useAction(placeOrder, { idempotent: true });
  const orderable = useOrderable();
  const offerOf = (id: string) => orderable?.find((each) => each.id === id);
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: { offerId: offerId ?? '', wanted: '', price: '', deadline: null },
    validate: {
      offerId: (value) => (value === '' ? t('common.required') : null),
      wanted: (value) =>
        leadsOf(value, MOST_LEADS) === null
          ? t('orders.place.badWanted', { most: formatNumber(MOST_LEADS, i18n.language) })
          : null,
      price: (value, values) => {
        const offer = offerOf(values.offerId);
        return offer === undefined || priceOf(value, offer.price) !== null
          ? null
          : t('common.badMoney');
      },
      deadline: (value) => {
        if (value === null) return t('common.required');
        return new Date(value).getTime() > Date.now() ? null : t('orders.place.future');
      },
    },
  });
  if (!can('MANAGE_OFFERS')) return null;
  // An offer's own page says what the offer is; only whether it can be ordered matters there.
  if (offerId !== undefined && offerOf(offerId) === undefined) return null;
  const offer = offerOf(form.values.offerId);
  return (
    <FormDialog
      label={t('orders.place.label')}
      form={form}
      running={place.running}
      onSend={async (values) => {
        const price = values.price.trim() === '' || offer === undefined ? null : offer.price;
        const outcome = await place.run({
          offerId: values.offerId,
          wanted: leadsOf(values.wanted, MOST_LEADS) ?? 0,
          price: price && priceOf(values.price, price),
          deadline: new Date(values.deadline ?? '').toISOString(),
        });
        if (outcome.ok) {
          notifications.show({ color: 'teal', message: t('orders.place.done') });
          const id = outcome.payload.order?.id;
          if (id !== undefined) void navigate({ to: `/orders/${id}` });
        }
        return outcome;
      }}
    >
      {orderable?.length === 0 && <Alert color="orange">{t('orders.place.noOffers')}</Alert>}
      <Text size="sm">{t('orders.place.text')}</Text>
      {offerId === undefined && (
        <Select
          label={t('orders.place.offer')}
          required
          searchable
          data={(orderable ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          {...form.getInputProps('offerId')}
        />
      )}
      <NumberInput
        label={t('orders.place.wanted')}
        required
        min={1}
        max={MOST_LEADS}
        clampBehavior="none"
        allowDecimal={false}
        {...form.getInputProps('wanted')}
      />
      <MoneyInput
        label={`${t('orders.place.price')} (${t('common.optional')})`}
        {...(offer === undefined
          ? {}
          : {
              description: t('orders.place.priceHint', {
                price: formatMoney(offer.price, i18n.language),
              }),
            })}
        currency={offer?.price.currency ?? 'RUB'}
        value={form.values.price}
        error={form.errors.price}
        onValue={(text) => form.setFieldValue('price', text)}
      />
      <DeadlineInput form={form} label={t('orders.place.deadline')} />
      {offer !== undefined && <Sum offer={offer} form={form} />}
    </FormDialog>
  );
}

/** A deadline, with short ways to the usual ones. */
function DeadlineInput({ form, label }: { form: UseFormReturnType<Values>; label: string }) {
  const { i18n } = useTranslation();
  return (
    <div>
      <InstantInput
        label={label}
        required
        minDate={new Date()}
        {...form.getInputProps('deadline')}
      />
      <Group gap={4} mt={4}>
        {[1, 7, 30].map((days) => (
          <Button
            key={days}
            size="compact-sm"
            variant="subtle"
            onClick={() => form.setFieldValue('deadline', daysFrom(days, new Date()))}
          >
            {formatDuration(days * 86_400, i18n.language)}
          </Button>
        ))}
      </Group>
    </div>
  );
}

/** What the order would reserve, and what is free for it. */
function Sum({ offer, form }: { offer: Orderable; form: UseFormReturnType<Values> }) {
  const { t } = useTranslation();
  const can = useCan();
  const { data } = useRead(freeMoneyQuery, {}, { pause: !can('READ_MONEY') });
  const leads = leadsOf(form.values.wanted, MOST_LEADS);
  const price = priceOf(form.values.price, offer.price);
  const sum = leads === null || price === null ? null : times(price, leads);
  const free = data?.wallets.find((each) => each.currency === offer.price.currency)?.available;
  return (
    <>
      <Facts
        cols={2}
        facts={[
          { label: t('orders.place.willReserve'), value: <MoneyText money={sum} fw={700} /> },
          free !== undefined && {
            label: t('orders.place.free'),
            value: <MoneyText money={free} />,
          },
        ]}
      />
      {sum !== null && free !== undefined && !covers(free, sum) && (
        <Alert color="red">{t('orders.place.short')}</Alert>
      )}
    </>
  );
}
