import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable } from '../../../components/DataTable';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { Actor, MoneyText, useWord, When } from '../../../components/text';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { useUrlState } from '../../../lib/use-url-state';
import { RecordTopUp } from './RecordTopUp';

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

/** Money that buyers paid in, as FINANCE recorded it. */
export function TopUps() {
  const { t } = useTranslation();
  const can = useCan();
  const word = useWord();
  const url = useUrlState([]);
  const list = useConnection(TopUpsQuery, {}, (data) => data.topUps, url.paging);
  return (
    <Page title={t('operator.topUps.title')} actions={can('RECORD_MONEY') ? <RecordTopUp /> : null}>
      <DataTable
        connection={list}
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
    </Page>
  );
}
