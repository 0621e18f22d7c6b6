import { Code } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Facts, Page, Section } from '../../../components/layout';
import { AppLink, ButtonLink, Copyable, IdLink } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText, useLocalized, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { useConnection } from '../../../lib/use-connection';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import { SourceQuery, SourcesQuery } from './queries';
import { SourceDecision } from './SourceDecision';

export function SourceList() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const url = useUrlState(['state']);
  const list = useConnection(
    SourcesQuery,
    { state: oneOf(url.filters.state, enums.SourceState) ?? null },
    (data) => data.sources,
    url.paging,
  );
  return (
    <Page title={t('operator.sources.title')}>
      <FilterBar>
        <EnumFilter
          of="SourceState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
      </FilterBar>
      <DataTable
        connection={list}
        empty={<EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />}
        rowKey={(row) => row.id}
        columns={[
          {
            id: 'name',
            header: t('shared.source'),
            cell: (row) => <IdLink id={row.id}>{row.name}</IdLink>,
          },
          {
            id: 'publisher',
            header: t('shared.publisher'),
            cell: (row) => <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>,
          },
          {
            id: 'niche',
            header: t('shared.niche'),
            cell: (row) => <IdLink id={row.niche.id}>{localized(row.niche.name)}</IdLink>,
          },
          {
            id: 'kind',
            header: t('common.kind'),
            cell: (row) => t(`enums.SourceKind.${row.kind}`),
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="SourceState" value={row.state} />,
          },
          {
            id: 'created',
            header: t('common.created'),
            cell: (row) => <When at={row.createdAt} />,
          },
        ]}
      />
    </Page>
  );
}

export function SourceDetail() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const can = useCan();
  const id = useRouteId();
  const read = useRead(SourceQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.source}>
      {(source) => (
        <Page
          title={source.name}
          trail={[{ label: t('operator.sources.title'), to: '/operator/sources' }]}
          badge={<StatusBadge of="SourceState" value={source.state} />}
          actions={
            <>
              {can('MODERATE') && source.state === 'ACTIVE' && (
                <ButtonLink to={`/operator/sources/${source.id}/simulate`} variant="default">
                  {t('operator.simulate.title')}
                </ButtonLink>
              )}
              <SourceDecision source={source} />
            </>
          }
        >
          <Section>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={source.id} /> },
                {
                  label: t('shared.publisher'),
                  value: (
                    <>
                      <IdLink id={source.publisher.id}>{source.publisher.name}</IdLink>{' '}
                      <StatusBadge of="OrganizationState" value={source.publisher.state} />
                    </>
                  ),
                },
                {
                  label: t('shared.niche'),
                  value: <IdLink id={source.niche.id}>{localized(source.niche.name)}</IdLink>,
                },
                { label: t('common.kind'), value: t(`enums.SourceKind.${source.kind}`) },
                { label: t('operator.sources.traffic'), value: source.traffic },
                {
                  label: t('operator.sources.target'),
                  value:
                    source.targetOffer === null ? (
                      t('operator.sources.market')
                    ) : (
                      <IdLink id={source.targetOffer.id}>{source.targetOffer.name}</IdLink>
                    ),
                },
                { label: t('operator.sources.maxSales'), value: source.maxSales },
                {
                  label: t('operator.sources.minEarning'),
                  value: <MoneyText money={source.minEarning} />,
                },
                {
                  label: t('operator.sources.key'),
                  value: <Code>{source.postingKeyPrefix}…</Code>,
                },
                { label: t('common.created'), value: <When at={source.createdAt} /> },
                { label: t('common.decided'), value: <When at={source.decidedAt} /> },
                source.note !== null && { label: t('common.note'), value: source.note },
                {
                  label: t('shared.leads'),
                  value: (
                    <AppLink to={`/operator/leads?source=${source.id}`} inherit>
                      {t('operator.sources.itsLeads')}
                    </AppLink>
                  ),
                },
              ]}
            />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}
