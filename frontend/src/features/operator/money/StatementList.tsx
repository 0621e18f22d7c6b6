import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { Count, MoneyText, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';

const StatementsQuery = graphql(
  `
    query OperatorStatements(
      $state: StatementState
      $publisherId: ID
      $first: Int
      $after: String
    ) {
      statements(state: $state, publisherId: $publisherId, first: $first, after: $after) {
        nodes {
          id
          number
          publisher {
            id
            name
          }
          periodFrom
          periodTo
          state
          lineCount
          total {
            ...MoneyFields
          }
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

export function StatementList() {
  const { t } = useTranslation();
  const url = useUrlState(['state', 'publisher']);
  const list = useConnection(
    StatementsQuery,
    {
      state: oneOf(url.filters.state, enums.StatementState) ?? null,
      publisherId: url.filters.publisher ?? null,
    },
    (data) => data.statements,
    url.paging,
  );
  return (
    <Page title={t('shared.statements')}>
      <FilterBar>
        <EnumFilter
          of="StatementState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
        {url.filters.publisher !== undefined && (
          <Button variant="default" onClick={() => url.setFilter('publisher', null)}>
            {t('operator.settlements.onePublisher')} ×
          </Button>
        )}
      </FilterBar>
      <DataTable
        connection={list}
        empty={<EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />}
        rowKey={(row) => row.id}
        columns={[
          {
            id: 'number',
            header: t('shared.statement'),
            cell: (row) =>
              row.number === null ? (
                <IdLink id={row.id} />
              ) : (
                <IdLink id={row.id}>{row.number}</IdLink>
              ),
          },
          {
            id: 'publisher',
            header: t('shared.publisher'),
            cell: (row) => <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>,
          },
          {
            id: 'period',
            header: t('shared.period'),
            cell: (row) => (
              <>
                <When at={row.periodFrom} day /> – <When at={row.periodTo} day />
              </>
            ),
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="StatementState" value={row.state} />,
          },
          {
            id: 'lines',
            header: t('shared.lines'),
            align: 'right',
            cell: (row) => <Count value={row.lineCount} />,
          },
          {
            id: 'total',
            header: t('shared.total'),
            align: 'right',
            cell: (row) => <MoneyText money={row.total} />,
          },
        ]}
      />
    </Page>
  );
}
