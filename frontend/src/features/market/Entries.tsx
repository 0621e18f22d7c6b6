import { useTranslation } from 'react-i18next';
import { DataTable } from '../../components/DataTable';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { MoneyText, When } from '../../components/text';
import type { MoneyValue } from '../../lib/format';
import type { Connection } from '../../lib/use-connection';
import { causeId, isEntryKind } from './entryKinds';

export interface Entry {
  transactionId: string;
  kind: string;
  cause: string;
  amount: MoneyValue;
  balance: MoneyValue;
  at: string;
}

/** Movements of an account, newest first: what each was and what it came from. */
export function Entries({ entries }: { entries: Connection<Entry> }) {
  const { t } = useTranslation();
  return (
    <DataTable
      connection={entries}
      rowKey={(row) => `${row.transactionId} ${row.amount.minor} ${row.at}`}
      caption={t('market.entries.title')}
      empty={<EmptyState title={t('market.entries.empty')} />}
      columns={[
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
        {
          id: 'kind',
          header: t('market.entries.kind'),
          cell: (row) => (isEntryKind(row.kind) ? t(`market.entries.of.${row.kind}`) : row.kind),
        },
        {
          id: 'cause',
          header: t('market.entries.cause'),
          cell: (row) => {
            const id = causeId(row.cause);
            return id === null ? row.cause : <IdLink id={id} />;
          },
        },
        {
          id: 'transaction',
          header: t('market.entries.transaction'),
          cell: (row) => <IdLink id={row.transactionId} />,
        },
        {
          id: 'amount',
          header: t('common.amount'),
          align: 'right',
          cell: (row) => <MoneyText money={row.amount} />,
        },
        {
          id: 'balance',
          header: t('market.entries.balance'),
          align: 'right',
          cell: (row) => <MoneyText money={row.balance} />,
        },
      ]}
    />
  );
}
