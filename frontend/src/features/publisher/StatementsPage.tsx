import { Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page } from '../../components/layout';
import { ButtonLink, IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { MoneyText, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { oneOf, useUrlState } from '../../lib/use-url-state';

const StatementsQuery = graphql(
  `
    query PublisherStatements($state: StatementState, $first: Int, $after: String) {
      statements(state: $state, first: $first, after: $after) {
        nodes {
          id
          number
          periodFrom
          periodTo
          state
          lineCount
          carriedIn {
            ...MoneyFields
          }
          gross {
            ...MoneyFields
          }
          total {
            ...MoneyFields
          }
          paidAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

/** The publisher's statements: what was settled for each period, and whether it is paid. */
export function StatementsPage() {
  const { t } = useTranslation();
  const url = useUrlState(['state']);
  const rows = useConnection(
    StatementsQuery,
    { state: oneOf(url.filters.state, enums.StatementState) ?? null },
    (data) => data.statements,
    url.paging,
  );
  return (
    <Page
      title={t('publisher.statements.title')}
      actions={
        <ButtonLink to="/publisher/payout-profile" variant="default">
          {t('publisher.payout.title')}
        </ButtonLink>
      }
    >
      <FilterBar>
        <EnumFilter
          of="StatementState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
      </FilterBar>
      <DataTable
        connection={rows}
        rowKey={(row) => row.id}
        caption={t('publisher.statements.title')}
        empty={
          <EmptyState
            title={t(url.filtered ? 'common.emptyFiltered' : 'publisher.statements.empty')}
          />
        }
        columns={[
          {
            id: 'number',
            header: t('publisher.statements.number'),
            cell: (row) => <IdLink id={row.id}>{row.number ?? undefined}</IdLink>,
          },
          {
            id: 'period',
            header: t('shared.period'),
            cell: (row) => (
              <Group gap={4} wrap="nowrap">
                <When at={row.periodFrom} day /> – <When at={row.periodTo} day />
              </Group>
            ),
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="StatementState" value={row.state} />,
          },
          { id: 'lines', header: t('shared.lines'), align: 'right', cell: (row) => row.lineCount },
          {
            id: 'gross',
            header: t('shared.gross'),
            align: 'right',
            cell: (row) => <MoneyText money={row.gross} />,
          },
          {
            id: 'carried',
            header: t('shared.carriedIn'),
            align: 'right',
            cell: (row) => <MoneyText money={row.carriedIn} />,
          },
          {
            id: 'total',
            header: t('shared.total'),
            align: 'right',
            cell: (row) => <MoneyText money={row.total} fw={600} />,
          },
          { id: 'paid', header: t('shared.paidAt'), cell: (row) => <When at={row.paidAt} day /> },
        ]}
      />
    </Page>
  );
}
