import { Badge, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Deadline, MoneyText, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { oneOf, useUrlState } from '../../lib/use-url-state';

const ConversionsQuery = graphql(
  `
    query Conversions($state: ConversionState, $first: Int, $after: String) {
      conversions(state: $state, first: $first, after: $after) {
        nodes {
          id
          goal
          state
          settled
          paid
          unfunded
          offerId
          offerName
          awardId
          price {
            ...MoneyFields
          }
          earning {
            ...MoneyFields
          }
          returnUntil
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

/** Billable events: what a buyer was charged for, or what a publisher earned. */
export function ConversionsTable({ side }: { side: 'price' | 'earning' }) {
  const { t } = useTranslation();
  const url = useUrlState(['state']);
  const rows = useConnection(
    ConversionsQuery,
    { state: oneOf(url.filters.state, enums.ConversionState) ?? null },
    (data) => data.conversions,
    url.paging,
  );
  return (
    <>
      <FilterBar>
        <EnumFilter
          of="ConversionState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
      </FilterBar>
      <DataTable
        connection={rows}
        rowKey={(row) => row.id}
        caption={t('market.conversions.title')}
        empty={
          <EmptyState
            title={t(url.filtered ? 'common.emptyFiltered' : 'market.conversions.empty')}
          />
        }
        columns={[
          { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
          {
            id: 'goal',
            header: t('market.conversions.goal'),
            cell: (row) => t(`enums.GoalKind.${row.goal}`),
          },
          {
            id: 'offer',
            header: t('buyer.offer.one'),
            cell: (row) => <IdLink id={row.offerId}>{row.offerName}</IdLink>,
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => (
              <Group gap={4}>
                <StatusBadge of="ConversionState" value={row.state} />
                {row.unfunded && <Mark color="red" text={t('market.conversions.unfunded')} />}
                {row.paid ? (
                  <Mark color="teal" text={t('market.conversions.paid')} />
                ) : (
                  row.settled && <Mark color="blue" text={t('market.conversions.settled')} />
                )}
              </Group>
            ),
          },
          {
            id: 'amount',
            header: t(`market.terms.${side}`),
            align: 'right',
            cell: (row) => <MoneyText money={side === 'price' ? row.price : row.earning} />,
          },
          {
            id: 'clock',
            header: t(side === 'price' ? 'shared.returnUntil' : 'shared.holdUntil'),
            cell: (row) =>
              row.state === 'HELD' ? (
                <Deadline at={side === 'price' ? row.returnUntil : row.holdUntil} />
              ) : (
                '–'
              ),
          },
          { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
        ]}
      />
    </>
  );
}

function Mark({ color, text }: { color: string; text: string }) {
  return (
    <Badge color={color} variant="light" radius="sm" tt="none">
      {text}
    </Badge>
  );
}
