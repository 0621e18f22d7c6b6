import { Badge, Group, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable, type Column } from '../../../components/DataTable';
import { Page } from '../../../components/layout';
import { AppLink, ButtonLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge, useEnumOptions } from '../../../components/StatusBadge';
import { Count, MoneyText, useLocalized, When } from '../../../components/text';
import type { ResultOf } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { offersQuery } from './documents';

type OfferRow = ResultOf<typeof offersQuery>['offers']['nodes'][number];
type OfferState = OfferRow['state'];

/** The buyer's offers, newest first. */
export function OffersPage() {
  const { t } = useTranslation();
  const can = useCan();
  const [state, setState] = useState<OfferState | null>(null);
  const states = useEnumOptions('OfferState');
  const offers = useConnection(offersQuery, { state }, (data) => data.offers);
  const columns = useColumns();
  return (
    <Page
      title={t('buyer.offers.title')}
      actions={
        can('MANAGE_OFFERS') && (
          <ButtonLink to="/buyer/offers/new">{t('buyer.offers.create')}</ButtonLink>
        )
      }
    >
      <Select
        aria-label={t('common.state')}
        placeholder={t('common.all')}
        data={states}
        value={state}
        onChange={(next) => setState(next as OfferState | null)}
        clearable
        w={200}
      />
      <DataTable
        connection={offers}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('buyer.offers.title')}
        empty={
          <EmptyState title={state === null ? t('buyer.offers.empty') : t('common.emptyFiltered')}>
            {state === null && can('MANAGE_OFFERS') && (
              <ButtonLink to="/buyer/offers/new" variant="light">
                {t('buyer.offers.create')}
              </ButtonLink>
            )}
          </EmptyState>
        }
      />
    </Page>
  );
}

/** Whether the offer buys now, and if not why. */
export function OfferStatus({
  state,
  exhausted,
  unfunded,
}: {
  state: OfferState;
  exhausted: boolean;
  unfunded: boolean;
}) {
  const { t } = useTranslation();
  return (
    <Group gap={4} wrap="nowrap">
      <StatusBadge of="OfferState" value={state} />
      {exhausted && (
        <Badge
          color="orange"
          variant="light"
          radius="sm"
          tt="none"
          title={t('buyer.offers.exhaustedHint')}
        >
          {t('buyer.offers.exhausted')}
        </Badge>
      )}
      {unfunded && (
        <Badge
          color="red"
          variant="light"
          radius="sm"
          tt="none"
          title={t('buyer.offers.unfundedHint')}
        >
          {t('buyer.offers.unfunded')}
        </Badge>
      )}
    </Group>
  );
}

function useColumns(): Column<OfferRow>[] {
  const { t } = useTranslation();
  const text = useLocalized();
  return [
    {
      id: 'name',
      header: t('common.name'),
      cell: (row) => (
        <Stack gap={0}>
          <AppLink to={`/buyer/offers/${row.id}`} fw={500}>
            {row.name}
          </AppLink>
          <Text size="xs" c="dimmed">
            {text(row.niche.name)}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => (
        <Stack gap={2}>
          <OfferStatus {...row} />
          {row.current && row.draft && (
            <Text size="xs" c="dimmed">
              {t('buyer.offers.newVersion', { version: row.draft.version })}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      id: 'price',
      header: t('market.terms.price'),
      align: 'right',
      cell: (row) =>
        (row.current ?? row.draft)?.terms.goals.map((goal) => (
          <div key={goal.kind}>
            <MoneyText money={goal.price} />{' '}
            <Text span size="xs" c="dimmed">
              {t(`market.goal.${goal.kind}`)}
            </Text>
          </div>
        )),
    },
    {
      id: 'today',
      header: t('buyer.offers.today'),
      align: 'right',
      cell: (row) => <Count value={row.usage.dayCount} />,
    },
    {
      id: 'total',
      header: t('buyer.offers.total'),
      align: 'right',
      cell: (row) => (
        <Stack gap={0} align="flex-end">
          <Count value={row.usage.totalCount} />
          <MoneyText money={row.usage.totalMoney} size="xs" c="dimmed" />
        </Stack>
      ),
    },
    {
      id: 'updated',
      header: t('common.changed'),
      cell: (row) => <When at={row.updatedAt} />,
    },
  ];
}
