import { Badge, Button, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar, NicheFilter } from '../../../components/filters';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { useLocalized, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import { OffersQuery } from './queries';

/** Facts beside an offer's state that keep it from buying. */
export function OfferFlags({ exhausted, unfunded }: { exhausted: boolean; unfunded: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      {exhausted && (
        <Badge color="orange" variant="outline" tt="none">
          {t('operator.offers.exhausted')}
        </Badge>
      )}
      {unfunded && (
        <Badge color="red" variant="outline" tt="none">
          {t('operator.offers.unfunded')}
        </Badge>
      )}
    </>
  );
}

export function OfferList() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const url = useUrlState(['state', 'niche', 'buyer']);
  const list = useConnection(
    OffersQuery,
    {
      state: oneOf(url.filters.state, enums.OfferState) ?? null,
      nicheId: url.filters.niche ?? null,
      buyerId: url.filters.buyer ?? null,
    },
    (data) => data.offers,
    url.paging,
  );
  return (
    <Page title={t('operator.offers.title')}>
      <FilterBar>
        <EnumFilter
          of="OfferState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
        <NicheFilter
          value={url.filters.niche}
          onChange={(value) => url.setFilter('niche', value)}
        />
        {url.filters.buyer !== undefined && (
          <Button variant="default" onClick={() => url.setFilter('buyer', null)}>
            {t('operator.offers.oneBuyer')} ×
          </Button>
        )}
      </FilterBar>
      <DataTable
        connection={list}
        empty={<EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />}
        rowKey={(row) => row.id}
        columns={[
          {
            id: 'name',
            header: t('shared.offer'),
            cell: (row) => <IdLink id={row.id}>{row.name}</IdLink>,
          },
          {
            id: 'buyer',
            header: t('shared.buyer'),
            cell: (row) => <IdLink id={row.buyer.id}>{row.buyer.name}</IdLink>,
          },
          {
            id: 'niche',
            header: t('shared.niche'),
            cell: (row) => <IdLink id={row.niche.id}>{localized(row.niche.name)}</IdLink>,
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => (
              <Group gap={4}>
                <StatusBadge of="OfferState" value={row.state} />
                <OfferFlags {...row} />
              </Group>
            ),
          },
          {
            id: 'changed',
            header: t('common.changed'),
            cell: (row) => <When at={row.updatedAt} />,
          },
        ]}
      />
    </Page>
  );
}
