import { Badge, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable, type Column } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Page } from '../../../components/layout';
import { AppLink, ButtonLink, IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { Count, MoneyText, useLocalized, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import type { ResultOf } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import { offersQuery } from './documents';
import { GoalAmount } from '../../market/GoalAmount';

type OfferRow = ResultOf<typeof offersQuery>['offers']['nodes'][number];
type OfferState = OfferRow['state'];

/** The buyer's offers, newest first. */
export function OffersPage() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['state']);
  const offers = useConnection(
    offersQuery,
    { state: oneOf(url.filters.state, enums.OfferState) ?? null },
    (data) => data.offers,
    url.paging,
  );
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
      <FilterBar>
        <EnumFilter
          of="OfferState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
      </FilterBar>
      <DataTable
        connection={offers}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('buyer.offers.title')}
        empty={
          <EmptyState title={t(url.filtered ? 'common.emptyFiltered' : 'buyer.offers.empty')}>
            {!url.filtered && can('MANAGE_OFFERS') && (
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
            <IdLink id={row.niche.id}>{text(row.niche.name)}</IdLink>
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
            <GoalAmount amount={goal.price} percent={goal.percent} />{' '}
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
