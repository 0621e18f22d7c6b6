import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { DataTable } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page } from '../../components/layout';
import { AppLink, ButtonLink, IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { MoneyText, useLocalized, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { useConnection } from '../../lib/use-connection';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import { SourcesQuery } from './sources';

/** Where the publisher's leads come from. */
export function SourcesPage() {
  const { t } = useTranslation();
  const can = useCan();
  const text = useLocalized();
  const url = useUrlState(['state']);
  const rows = useConnection(
    SourcesQuery,
    { state: oneOf(url.filters.state, enums.SourceState) ?? null },
    (data) => data.sources,
    url.paging,
  );
  const create = can('MANAGE_SOURCES') && (
    <ButtonLink to="/publisher/sources/new">{t('publisher.sources.create')}</ButtonLink>
  );
  return (
    <Page title={t('publisher.sources.title')} actions={create}>
      <FilterBar>
        <EnumFilter
          of="SourceState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
      </FilterBar>
      <DataTable
        connection={rows}
        rowKey={(row) => row.id}
        caption={t('publisher.sources.title')}
        empty={
          <EmptyState title={t(url.filtered ? 'common.emptyFiltered' : 'publisher.sources.empty')}>
            {!url.filtered && create}
          </EmptyState>
        }
        columns={[
          {
            id: 'name',
            header: t('common.name'),
            cell: (row) => (
              <Stack gap={0}>
                <AppLink to={`/publisher/sources/${row.id}`} fw={500}>
                  {row.name}
                </AppLink>
                <Text size="xs" c="dimmed">
                  <IdLink id={row.niche.id}>{text(row.niche.name)}</IdLink> · {row.traffic}
                </Text>
              </Stack>
            ),
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="SourceState" value={row.state} />,
          },
          {
            id: 'kind',
            header: t('common.kind'),
            cell: (row) => t(`enums.SourceKind.${row.kind}`),
          },
          {
            id: 'target',
            header: t('publisher.sources.target'),
            cell: (row) =>
              row.targetOfferId === null ? (
                t('publisher.sources.market')
              ) : (
                <IdLink id={row.targetOfferId}>{row.targetOffer?.name}</IdLink>
              ),
          },
          {
            id: 'sales',
            header: t('market.terms.maxSales'),
            align: 'right',
            cell: (row) => row.maxSales,
          },
          {
            id: 'min',
            header: t('publisher.sources.minEarning'),
            align: 'right',
            cell: (row) => <MoneyText money={row.minEarning} />,
          },
          {
            id: 'key',
            header: t('publisher.sources.key'),
            cell: (row) => <code>{row.postingKeyPrefix}…</code>,
          },
          { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
        ]}
      />
    </Page>
  );
}
