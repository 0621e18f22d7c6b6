import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { Deadline, MoneyText, useLocalized } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';

const DisputesQuery = graphql(
  `
    query OperatorDisputes($state: DisputeState, $open: Boolean, $first: Int, $after: String) {
      disputes(state: $state, open: $open, first: $first, after: $after) {
        nodes {
          id
          state
          reasonLabel {
            en
            ru
          }
          offerName
          buyer {
            id
            name
          }
          publisher {
            id
            name
          }
          amount {
            ...MoneyFields
          }
          answerBy
          decideBy
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

/** The queue of disputes: what waits for a decision first. */
export function DisputeList() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const url = useUrlState(['show', 'state']);
  const show = url.filters.show === 'all' ? 'all' : 'open';
  const list = useConnection(
    DisputesQuery,
    {
      state: oneOf(url.filters.state, enums.DisputeState) ?? null,
      open: show === 'open' ? true : null,
    },
    (data) => data.disputes,
    url.paging,
  );
  return (
    <Page title={t('shared.disputes')}>
      <FilterBar>
        <SegmentedControl
          aria-label={t('common.state')}
          data={[
            { value: 'open', label: t('operator.disputes.open') },
            { value: 'all', label: t('common.all') },
          ]}
          value={show}
          onChange={(value) => url.setFilter('show', value === 'all' ? 'all' : null)}
        />
        <EnumFilter
          of="DisputeState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
      </FilterBar>
      <DataTable
        connection={list}
        empty={
          <EmptyState
            title={show === 'open' ? t('operator.disputes.none') : t('common.emptyFiltered')}
          />
        }
        rowKey={(row) => row.id}
        columns={[
          { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="DisputeState" value={row.state} />,
          },
          {
            id: 'reason',
            header: t('shared.reason'),
            cell: (row) => localized(row.reasonLabel),
          },
          {
            id: 'buyer',
            header: t('shared.buyer'),
            cell: (row) => <IdLink id={row.buyer.id}>{row.buyer.name}</IdLink>,
          },
          {
            id: 'publisher',
            header: t('shared.publisher'),
            cell: (row) => <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>,
          },
          {
            id: 'amount',
            header: t('shared.inDispute'),
            align: 'right',
            cell: (row) => <MoneyText money={row.amount} />,
          },
          {
            id: 'deadline',
            header: t('operator.disputes.next'),
            cell: (row) =>
              row.state === 'OPEN' ? (
                <Deadline at={row.answerBy} />
              ) : row.state === 'CONTESTED' ? (
                <Deadline at={row.decideBy} />
              ) : (
                '–'
              ),
          },
        ]}
      />
    </Page>
  );
}
