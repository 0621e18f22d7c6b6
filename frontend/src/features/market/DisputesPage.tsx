import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable, type Column } from '../../components/DataTable';
import { Page } from '../../components/layout';
import { AppLink, IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Deadline, MoneyText, Percent, useLocalized, When } from '../../components/text';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { useUrlState } from '../../lib/use-url-state';

const DisputesQuery = graphql(
  `
    query Disputes($open: Boolean, $first: Int, $after: String) {
      disputes(open: $open, first: $first, after: $after) {
        nodes {
          id
          kind
          state
          reasonCode
          reasonLabel {
            en
            ru
          }
          claimedBps
          decidedBps
          leadId
          offerName
          offerId
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
          openedAt
          resolvedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

type Row = ResultOf<typeof DisputesQuery>['disputes']['nodes'][number];

/** Returns as their buyer or their publisher sees them: those that wait first. */
export function DisputesPage({ side }: { side: 'buyer' | 'publisher' }) {
  const { t } = useTranslation();
  const url = useUrlState(['show']);
  const show = url.filters.show === 'all' ? 'all' : 'open';
  const rows = useConnection(
    DisputesQuery,
    { open: show === 'open' ? true : null },
    (data) => data.disputes,
    url.paging,
  );
  const columns = useColumns(side);
  const title = t(side === 'buyer' ? 'market.disputes.returns' : 'market.disputes.toAnswer');
  return (
    <Page title={title}>
      <SegmentedControl
        value={show}
        onChange={(next) => url.setFilter('show', next === 'all' ? 'all' : null)}
        data={[
          { value: 'open', label: t('market.disputes.open') },
          { value: 'all', label: t('common.all') },
        ]}
        style={{ alignSelf: 'flex-start' }}
      />
      <DataTable
        connection={rows}
        columns={columns}
        rowKey={(row) => row.id}
        caption={title}
        empty={
          <EmptyState
            title={t(
              side === 'buyer'
                ? show === 'open'
                  ? 'market.disputes.noneOpenBuyer'
                  : 'market.disputes.noneBuyer'
                : show === 'open'
                  ? 'market.disputes.noneOpenPublisher'
                  : 'market.disputes.nonePublisher',
            )}
          />
        }
      />
    </Page>
  );
}

function useColumns(side: 'buyer' | 'publisher'): Column<Row>[] {
  const { t } = useTranslation();
  const text = useLocalized();
  return [
    {
      id: 'reason',
      header: t('market.disputes.reason'),
      cell: (row) => <AppLink to={`/disputes/${row.id}`}>{text(row.reasonLabel)}</AppLink>,
    },
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => <StatusBadge of="DisputeState" value={row.state} />,
    },
    { id: 'lead', header: t('market.disputes.lead'), cell: (row) => <IdLink id={row.leadId} /> },
    {
      id: 'offer',
      header: t('buyer.offer.one'),
      cell: (row) => <IdLink id={row.offerId}>{row.offerName}</IdLink>,
    },
    {
      id: 'other',
      header: t(
        side === 'buyer' ? 'enums.OrganizationKind.PUBLISHER' : 'enums.OrganizationKind.BUYER',
      ),
      cell: (row) => (side === 'buyer' ? row.publisher.name : row.buyer.name),
    },
    {
      id: 'share',
      header: t('market.disputes.share'),
      align: 'right',
      cell: (row) => <Percent bps={row.decidedBps ?? row.claimedBps} />,
    },
    {
      id: 'amount',
      header: t('common.amount'),
      align: 'right',
      cell: (row) => <MoneyText money={row.amount} />,
    },
    {
      id: 'deadline',
      header: t('market.disputes.deadline'),
      cell: (row) => {
        if (row.state === 'OPEN') return <Deadline at={row.answerBy} />;
        if (row.state === 'CONTESTED') return <Deadline at={row.decideBy} />;
        return <When at={row.resolvedAt} />;
      },
    },
    { id: 'at', header: t('market.disputes.opened'), cell: (row) => <When at={row.openedAt} /> },
  ];
}
