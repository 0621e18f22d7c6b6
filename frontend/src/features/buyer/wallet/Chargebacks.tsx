import { Alert, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { StatusBadge } from '../../../components/StatusBadge';
import { Deadline, MoneyText, When } from '../../../components/text';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { useDisputeReason } from './cards';

const ChargebacksQuery = graphql(
  `
    query WalletChargebacks($first: Int, $after: String) {
      chargebacks(first: $first, after: $after) {
        nodes {
          id
          reference
          amount {
            ...MoneyFields
          }
          state
          reason
          fromOwed {
            ...MoneyFields
          }
          evidenceDue
          openedAt
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

/** Card payments that a bank took back: what it means for the buyer. Nothing while there is none. */
export function Chargebacks() {
  const { t } = useTranslation();
  const reason = useDisputeReason();
  const rows = useConnection(ChargebacksQuery, {}, (data) => data.chargebacks);
  if (rows.nodes.length === 0) return null;
  const open = rows.nodes.some((row) => row.state === 'OPEN');
  return (
    <Stack gap="xs">
      {open && (
        <Alert color="red" title={t('buyer.wallet.chargeback.open')}>
          {t('buyer.wallet.chargeback.openText')}
        </Alert>
      )}
      <Text component="h3" fw={600} m={0}>
        {t('buyer.wallet.chargeback.title')}
      </Text>
      <DataTable
        connection={rows}
        rowKey={(row) => row.id}
        caption={t('buyer.wallet.chargeback.title')}
        columns={[
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.openedAt} /> },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="ChargebackState" value={row.state} />,
          },
          { id: 'reason', header: t('shared.reason'), cell: (row) => reason(row.reason) },
          {
            id: 'due',
            header: t('buyer.wallet.chargeback.due'),
            cell: (row) =>
              row.state === 'OPEN' ? <Deadline at={row.evidenceDue} /> : <When at={row.endedAt} />,
          },
          {
            id: 'amount',
            header: t('common.amount'),
            align: 'right',
            cell: (row) => <MoneyText money={row.amount} />,
          },
        ]}
      />
    </Stack>
  );
}
