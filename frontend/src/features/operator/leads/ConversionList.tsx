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

const ConversionsQuery = graphql(
  `
    query OperatorConversions($state: ConversionState, $first: Int, $after: String) {
      conversions(state: $state, first: $first, after: $after) {
        nodes {
          id
          leadId
          offerId
          offerName
          goal
          state
          unfunded
          price {
            ...MoneyFields
          }
          earning {
            ...MoneyFields
          }
          fee {
            ...MoneyFields
          }
          holdUntil
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

export function ConversionList() {
  const { t } = useTranslation();
  const url = useUrlState(['state']);
  const list = useConnection(
    ConversionsQuery,
    { state: oneOf(url.filters.state, enums.ConversionState) ?? null },
    (data) => data.conversions,
    url.paging,
  );
  return (
    <Page title={t('shared.conversions')}>
      <FilterBar>
        <EnumFilter
          of="ConversionState"
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
          { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
          { id: 'lead', header: t('shared.lead'), cell: (row) => <IdLink id={row.leadId} /> },
          {
            id: 'offer',
            header: t('shared.offer'),
            cell: (row) => <IdLink id={row.offerId}>{row.offerName}</IdLink>,
          },
          { id: 'goal', header: t('shared.goal'), cell: (row) => t(`enums.GoalKind.${row.goal}`) },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="ConversionState" value={row.state} />,
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
          {
            id: 'fee',
            header: t('shared.fee'),
            align: 'right',
            cell: (row) => <MoneyText money={row.fee} />,
          },
          { id: 'hold', header: t('shared.holdUntil'), cell: (row) => <When at={row.holdUntil} /> },
        ]}
      />
    </Page>
  );
}
