import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar, NicheFilter } from '../../../components/filters';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { useLocalized, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { PageFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { type Connection, useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import { useReasonText } from '../../shared/reasons';

export const LeadsQuery = graphql(
  `
    query OperatorLeads(
      $state: LeadState
      $nicheId: ID
      $sourceId: ID
      $first: Int
      $after: String
    ) {
      leads(state: $state, nicheId: $nicheId, sourceId: $sourceId, first: $first, after: $after) {
        nodes {
          id
          niche {
            id
            name {
              en
              ru
            }
          }
          source {
            id
            name
          }
          publisher {
            id
            name
          }
          state
          reasonCode
          score
          temperature
          receivedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

type Row = ResultOf<typeof LeadsQuery>['leads']['nodes'][number];

export function LeadList() {
  const { t } = useTranslation();
  const url = useUrlState(['state', 'niche', 'source']);
  const list = useConnection(
    LeadsQuery,
    {
      state: oneOf(url.filters.state, enums.LeadState) ?? null,
      nicheId: url.filters.niche ?? null,
      sourceId: url.filters.source ?? null,
    },
    (data) => data.leads,
    url.paging,
  );
  return (
    <Page title={t('shared.leads')}>
      <FilterBar>
        <EnumFilter
          of="LeadState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
        <NicheFilter
          value={url.filters.niche}
          onChange={(value) => url.setFilter('niche', value)}
        />
        <Button
          variant={url.filters.state === 'QUARANTINED' ? 'filled' : 'default'}
          onClick={() =>
            url.setFilter('state', url.filters.state === 'QUARANTINED' ? null : 'QUARANTINED')
          }
        >
          {t('enums.LeadState.QUARANTINED')}
        </Button>
        {url.filters.source !== undefined && (
          <Button variant="default" onClick={() => url.setFilter('source', null)}>
            {t('operator.leads.oneSource')} ×
          </Button>
        )}
      </FilterBar>
      <LeadTable
        connection={list}
        empty={<EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />}
      />
    </Page>
  );
}

/** Leads as an operator sees them in a list. */
export function LeadTable({
  connection,
  empty,
}: {
  connection: Connection<Row>;
  empty: ReactNode;
}) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const reason = useReasonText();
  return (
    <DataTable
      connection={connection}
      empty={empty}
      rowKey={(row) => row.id}
      columns={[
        { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
        {
          id: 'niche',
          header: t('shared.niche'),
          cell: (row) => <IdLink id={row.niche.id}>{localized(row.niche.name)}</IdLink>,
        },
        {
          id: 'publisher',
          header: t('shared.publisher'),
          cell: (row) =>
            row.publisher === null ? (
              '–'
            ) : (
              <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>
            ),
        },
        {
          id: 'source',
          header: t('shared.source'),
          cell: (row) =>
            row.source === null ? '–' : <IdLink id={row.source.id}>{row.source.name}</IdLink>,
        },
        {
          id: 'state',
          header: t('common.state'),
          cell: (row) => (
            <span title={row.reasonCode === null ? undefined : reason({ code: row.reasonCode })}>
              <StatusBadge of="LeadState" value={row.state} />
            </span>
          ),
        },
        {
          id: 'score',
          header: t('shared.score'),
          cell: (row) => (
            <Group gap={6} wrap="nowrap">
              <span>{row.score}</span>
              <StatusBadge of="Temperature" value={row.temperature} />
            </Group>
          ),
        },
        { id: 'at', header: t('shared.received'), cell: (row) => <When at={row.receivedAt} /> },
      ]}
    />
  );
}
