import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText, When } from '../../../components/text';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { useUrlState } from '../../../lib/use-url-state';

const Query = graphql(
  `
    query OperatorCreditRefunds($first: Int, $after: String) {
      creditRefunds(first: $first, after: $after) {
        nodes {
          id
          buyer {
            id
            name
          }
          cardTopUpId
          amount {
            ...MoneyFields
          }
          state
          error
          createdAt
          endedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

/** Unused credit on its way back to cards; what nobody knows needs a look at the provider's pages. */
export function CreditRefundList() {
  const { t } = useTranslation();
  const url = useUrlState(['tab', 'state']);
  const list = useConnection(Query, {}, (data) => data.creditRefunds, url.paging);
  return (
    <DataTable
      connection={list}
      rowKey={(row) => row.id}
      caption={t('operator.topUps.refunds')}
      empty={<EmptyState title={t('operator.topUps.noRefunds')} />}
      columns={[
        {
          id: 'buyer',
          header: t('shared.buyer'),
          cell: (row) => <IdLink id={row.buyer.id}>{row.buyer.name}</IdLink>,
        },
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
        {
          id: 'state',
          header: t('common.state'),
          cell: (row) => (
            <Stack gap={2} maw={340}>
              <StatusBadge of="CreditRefundState" value={row.state} />
              {row.state === 'UNKNOWN' && (
                <Text size="xs" c="dimmed">
                  {t('operator.topUps.todoRefund')}
                </Text>
              )}
              {row.error !== null && <Text size="xs">{row.error}</Text>}
            </Stack>
          ),
        },
        {
          id: 'topUp',
          header: t('shared.records.topUp'),
          cell: (row) => <IdLink id={row.cardTopUpId} />,
        },
        { id: 'ended', header: t('common.changed'), cell: (row) => <When at={row.endedAt} /> },
        {
          id: 'amount',
          header: t('common.amount'),
          align: 'right',
          cell: (row) => <MoneyText money={row.amount} />,
        },
      ]}
    />
  );
}
