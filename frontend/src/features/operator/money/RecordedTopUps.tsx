import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { Actor, MoneyText, useWord, When } from '../../../components/text';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { useUrlState } from '../../../lib/use-url-state';

const TopUpsQuery = graphql(
  `
    query TopUps($first: Int, $after: String) {
      topUps(first: $first, after: $after) {
        nodes {
          id
          buyer {
            id
            name
          }
          amount {
            ...MoneyFields
          }
          rail
          reference
          note
          recordedBy
          at
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

/** Transfers of buyers, as FINANCE recorded them. */
export function RecordedTopUps() {
  const { t } = useTranslation();
  const word = useWord();
  const url = useUrlState(['tab']);
  const list = useConnection(TopUpsQuery, {}, (data) => data.topUps, url.paging);
  return (
    <DataTable
      connection={list}
      caption={t('operator.topUps.recorded')}
      empty={<EmptyState title={t('buyer.wallet.noTopUps')} />}
      rowKey={(row) => row.id}
      columns={[
        {
          id: 'buyer',
          header: t('shared.buyer'),
          cell: (row) => <IdLink id={row.buyer.id}>{row.buyer.name}</IdLink>,
        },
        {
          id: 'amount',
          header: t('common.amount'),
          align: 'right',
          cell: (row) => <MoneyText money={row.amount} />,
        },
        { id: 'rail', header: t('shared.rail'), cell: (row) => word('rails', row.rail) },
        { id: 'reference', header: t('shared.reference'), cell: (row) => row.reference },
        { id: 'note', header: t('common.note'), cell: (row) => row.note ?? '–' },
        {
          id: 'by',
          header: t('operator.topUps.recordedBy'),
          cell: (row) => <Actor name={row.recordedBy} />,
        },
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
      ]}
    />
  );
}
