import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';

const AwardsQuery = graphql(
  `
    query OperatorAwards($disposition: Disposition, $first: Int, $after: String) {
      awards(disposition: $disposition, first: $first, after: $after) {
        nodes {
          id
          lead {
            id
          }
          offer {
            id
          }
          offerName
          copyNo
          state
          disposition
          price {
            ...MoneyFields
          }
          earning {
            ...MoneyFields
          }
          createdAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

export function AwardList() {
  const { t } = useTranslation();
  const url = useUrlState(['disposition']);
  const list = useConnection(
    AwardsQuery,
    { disposition: oneOf(url.filters.disposition, enums.Disposition) ?? null },
    (data) => data.awards,
    url.paging,
  );
  return (
    <Page title={t('shared.awards')}>
      <FilterBar>
        <EnumFilter
          of="Disposition"
          label={t('shared.disposition')}
          value={url.filters.disposition}
          onChange={(value) => url.setFilter('disposition', value)}
        />
      </FilterBar>
      <DataTable
        connection={list}
        empty={<EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />}
        rowKey={(row) => row.id}
        columns={[
          { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
          { id: 'lead', header: t('shared.lead'), cell: (row) => <IdLink id={row.lead.id} /> },
          {
            id: 'offer',
            header: t('shared.offer'),
            cell: (row) =>
              row.offer === null ? (
                row.offerName
              ) : (
                <IdLink id={row.offer.id}>{row.offerName}</IdLink>
              ),
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="AwardState" value={row.state} />,
          },
          {
            id: 'disposition',
            header: t('shared.disposition'),
            cell: (row) => <StatusBadge of="Disposition" value={row.disposition} />,
          },
          {
            id: 'price',
            header: t('shared.price'),
            align: 'right',
            cell: (row) => <MoneyText money={row.price} />,
          },
          {
            id: 'earning',
            header: t('shared.earning'),
            align: 'right',
            cell: (row) => <MoneyText money={row.earning} />,
          },
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
        ]}
      />
    </Page>
  );
}
