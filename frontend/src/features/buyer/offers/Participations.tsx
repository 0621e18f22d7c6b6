import { useForm } from '@mantine/form';
import { Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { TFunction } from 'i18next';
import type { ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { FormDialog } from '../../../components/FormDialog';
import { ActionButton } from '../../../components/ActionButton';
import { DataTable, type Column } from '../../../components/DataTable';
import { MoneyInput } from '../../../components/forms';
import { Section } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText, When } from '../../../components/text';
import { parseMoney } from '../../../lib/format';
import type { ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useConnection } from '../../../lib/use-connection';
import { minorToText } from '../../market/money';
import { decideParticipation, inviteToOffer, participationsQuery } from './documents';
import type { LoadedOffer } from './OfferPage';

type Row = ResultOf<typeof participationsQuery>['participations']['nodes'][number];

/** Who sells to the offer, and who asks to. Without an offer: all requests that wait. */
export function Participations({ offer }: { offer?: Pick<LoadedOffer, 'id' | 'niche'> }) {
  const { t } = useTranslation();
  const can = useCan();
  const waiting = offer === undefined;
  const rows = useConnection(
    participationsQuery,
    { offerId: offer?.id ?? null, state: waiting ? 'REQUESTED' : null },
    (data) => data.participations,
  );
  const columns: Column<Row>[] = [
    {
      id: 'publisher',
      header: t('enums.OrganizationKind.PUBLISHER'),
      cell: (row) => <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>,
    },
    ...(waiting
      ? [
          {
            id: 'offer',
            header: t('buyer.offer.one'),
            cell: (row: Row) => <IdLink id={row.offerId}>{row.offerName}</IdLink>,
          },
        ]
      : []),
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => <StatusBadge of="ParticipationState" value={row.state} />,
    },
    {
      id: 'words',
      header: t('buyer.participation.words'),
      cell: (row) => (
        <Stack gap={2} maw={360}>
          {row.message && <Text size="sm">{row.message}</Text>}
          {row.note && (
            <Text size="sm" c="dimmed">
              {t('common.note')}: {row.note}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      id: 'price',
      header: t('buyer.participation.price'),
      cell: (row) =>
        row.price === null ? (
          <Text size="sm" c="dimmed">
            {t('buyer.participation.offerPrice')}
          </Text>
        ) : (
          <MoneyText money={row.price} />
        ),
    },
    { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
    {
      id: 'actions',
      header: t('common.actions'),
      cell: (row) => can('MANAGE_OFFERS') && <Decide row={row} />,
    },
  ];
  return (
    <Section
      title={waiting ? t('buyer.participation.waiting') : t('buyer.offer.participations')}
      actions={
        offer !== undefined &&
        can('MANAGE_OFFERS') && <Invite offerId={offer.id} currency={offer.niche.currency} />
      }
    >
      <DataTable
        connection={rows}
        columns={columns}
        rowKey={(row) => row.id}
        empty={
          <EmptyState
            title={t(waiting ? 'buyer.participation.nothingWaits' : 'buyer.participation.empty')}
          />
        }
      />
    </Section>
  );
}

function Decide({ row }: { row: Row }) {
  const { t } = useTranslation();
  const decide = useAction(decideParticipation, { idempotent: true });
  const input = (state: Row['state']) => (note: string | null) => ({ id: row.id, state, note });
  const note = { label: t('buyer.participation.note') };
  const shared = { size: 'xs' as const, note, action: decide };
  const name = { name: row.publisher.name };
  return (
    <Group gap="xs" wrap="nowrap">
      {(row.state === 'REQUESTED' || row.state === 'APPROVED') && (
        <Approve key={`${row.state} ${row.price?.minor ?? ''}`} row={row} />
      )}
      {row.state === 'REQUESTED' && (
        <ActionButton
          {...shared}
          danger
          variant="light"
          title={t('buyer.participation.declineTitle', name)}
          confirmLabel={t('buyer.participation.decline')}
          input={input('DECLINED')}
        >
          {t('buyer.participation.decline')}
        </ActionButton>
      )}
      {row.state === 'APPROVED' && (
        <ActionButton
          {...shared}
          danger
          variant="light"
          title={t('buyer.participation.revokeTitle', name)}
          text={t('buyer.participation.revokeText')}
          confirmLabel={t('buyer.participation.revoke')}
          input={input('REVOKED')}
        >
          {t('buyer.participation.revoke')}
        </ActionButton>
      )}
    </Group>
  );
}

/** Lets a publisher in, at the offer's price or an own one; or changes the price of one who is in. */
function Approve({ row }: { row: Row }) {
  const { t } = useTranslation();
  const decide = useAction(decideParticipation, { idempotent: true });
  const { currency } = row.niche;
  const waits = row.state === 'REQUESTED';
  const form = useForm({
    initialValues: {
      price: row.price === null ? '' : minorToText(row.price.minor, currency),
      note: '',
    },
    validate: { price: (text) => badPrice(text, currency, t) },
  });
  return (
    <FormDialog
      size="xs"
      {...(waits ? {} : { variant: 'light' })}
      label={t(waits ? 'buyer.participation.approve' : 'buyer.participation.reprice')}
      form={form}
      running={decide.running}
      onSend={({ price, note }) =>
        decide.run({
          id: row.id,
          state: 'APPROVED',
          price: priceOf(price, currency),
          note: note.trim() === '' ? null : note.trim(),
        })
      }
    >
      <Text size="sm">
        {waits
          ? t('buyer.participation.approveTitle', { name: row.publisher.name })
          : row.publisher.name}
      </Text>
      <PriceInput
        currency={currency}
        value={form.values.price}
        error={form.errors.price}
        onValue={(text) => form.setFieldValue('price', text)}
      />
      <Textarea
        label={t('buyer.participation.note')}
        maxLength={1000}
        autosize
        {...form.getInputProps('note')}
      />
    </FormDialog>
  );
}

function PriceInput(
  props: Pick<ComponentProps<typeof MoneyInput>, 'currency' | 'value' | 'error' | 'onValue'>,
) {
  const { t } = useTranslation();
  return (
    <MoneyInput
      label={`${t('buyer.participation.price')} (${t('common.optional')})`}
      description={t('buyer.participation.priceHint')}
      {...props}
    />
  );
}

/** Nothing typed is the offer's own price. */
function priceOf(text: string, currency: string) {
  const minor = text.trim() === '' ? null : parseMoney(text, currency);
  return minor === null ? null : { minor, currency };
}

function badPrice(text: string, currency: string, t: TFunction): string | null {
  return text.trim() !== '' && parseMoney(text, currency) === null ? t('common.badMoney') : null;
}

function Invite({ offerId, currency }: { offerId: string; currency: string }) {
  const { t } = useTranslation();
  const invite = useAction(inviteToOffer);
  const form = useForm({
    initialValues: { publisherId: '', price: '' },
    validate: {
      publisherId: (id) => (id.trim() === '' ? t('common.required') : null),
      price: (text) => badPrice(text, currency, t),
    },
  });
  return (
    <FormDialog
      size="xs"
      variant="light"
      label={t('buyer.participation.invite')}
      form={form}
      running={invite.running}
      onSend={({ publisherId, price }) =>
        invite.run({
          offerId,
          publisherId: publisherId.trim(),
          price: priceOf(price, currency),
        })
      }
    >
      <TextInput
        label={t('buyer.participation.publisherId')}
        description={t('buyer.participation.publisherIdHint')}
        placeholder="org_…"
        required
        data-autofocus
        {...form.getInputProps('publisherId')}
      />
      <PriceInput
        currency={currency}
        value={form.values.price}
        error={form.errors.price}
        onValue={(text) => form.setFieldValue('price', text)}
      />
    </FormDialog>
  );
}
