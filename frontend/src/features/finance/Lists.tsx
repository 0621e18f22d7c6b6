import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Column, DataTable } from '../../components/DataTable';
import { IdLink } from '../../components/links';
import { ReadTable } from '../../components/ReadTable';
import { EmptyState } from '../../components/states';
import { Actor, MoneyText, When } from '../../components/text';
import type { ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { useRead } from '../../lib/use-read';
import { creditChangesQuery, fxConversionsQuery, ledgerClosesQuery } from './documents';

type Change = ResultOf<typeof creditChangesQuery>['creditChanges']['nodes'][number];
type Conversion = ResultOf<typeof fxConversionsQuery>['fxConversions']['nodes'][number];

/** Whose money it is, where all buyers' are listed. */
function useBuyer<Row extends { buyer: { id: string; name: string } }>(): Column<Row> {
  const { t } = useTranslation();
  return {
    id: 'buyer',
    header: t('shared.buyer'),
    cell: (row) => <IdLink id={row.buyer.id}>{row.buyer.name}</IdLink>,
  };
}

/** Changes of credit limits, newest first: a buyer's own, or all with who decided, for FINANCE. */
export function CreditChanges({ desk = false }: { desk?: boolean }) {
  const { t } = useTranslation();
  const buyer = useBuyer<Change>();
  const rows = useConnection(creditChangesQuery, {}, (data) => data.creditChanges);
  const by: Column<Change> = {
    id: 'by',
    header: t('finance.credit.by'),
    cell: (row) => <Actor name={row.decidedBy} />,
  };
  return (
    <DataTable
      connection={rows}
      rowKey={(row) => row.id}
      caption={t('finance.credit.changes')}
      empty={<EmptyState title={t('finance.credit.none')} />}
      columns={[
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
        ...(desk ? [buyer] : []),
        {
          id: 'before',
          header: t('finance.credit.before'),
          align: 'right',
          cell: (row) => <MoneyText money={row.before} />,
        },
        {
          id: 'after',
          header: t('finance.credit.after'),
          align: 'right',
          cell: (row) => <MoneyText money={row.after} fw={600} />,
        },
        {
          id: 'why',
          header: t('finance.credit.why'),
          cell: (row) => (
            <Text size="sm" miw={220} maw={400}>
              {row.note}
            </Text>
          ),
        },
        ...(desk ? [by] : []),
      ]}
    />
  );
}

/** Conversions, newest first: a buyer's own, or all with who decided and the note, for FINANCE. */
export function FxConversions({ desk = false }: { desk?: boolean }) {
  const { t } = useTranslation();
  const buyer = useBuyer<Conversion>();
  const rows = useConnection(fxConversionsQuery, {}, (data) => data.fxConversions);
  const decided: Column<Conversion>[] = [
    { id: 'note', header: t('common.note'), cell: (row) => row.note ?? '–' },
    {
      id: 'by',
      header: t('finance.fx.by'),
      cell: (row) => <Actor name={row.decidedBy} />,
    },
  ];
  return (
    <DataTable
      connection={rows}
      rowKey={(row) => row.id}
      caption={t('finance.tabs.conversions')}
      empty={<EmptyState title={t('finance.fx.none')} />}
      columns={[
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
        ...(desk ? [buyer] : []),
        {
          id: 'sold',
          header: t('finance.fx.sold'),
          align: 'right',
          cell: (row) => <MoneyText money={row.sold} />,
        },
        { id: 'rate', header: t('finance.fx.rate'), align: 'right', cell: (row) => row.rate },
        {
          id: 'bought',
          header: t('finance.fx.bought'),
          align: 'right',
          cell: (row) => <MoneyText money={row.bought} fw={600} />,
        },
        ...(desk ? decided : []),
      ]}
    />
  );
}

/** Closed periods, newest first. */
export function LedgerCloses() {
  const { t } = useTranslation();
  const read = useRead(ledgerClosesQuery, {});
  return (
    <ReadTable
      read={read}
      pick={(data) => data.ledgerCloses}
      empty={t('finance.closes.none')}
      rowKey={(row) => row.id}
      caption={t('finance.tabs.closes')}
      columns={[
        {
          id: 'until',
          header: t('finance.closes.until'),
          cell: (row) => <When at={row.closedUntil} seconds />,
        },
        { id: 'note', header: t('common.note'), cell: (row) => row.note ?? '–' },
        {
          id: 'by',
          header: t('finance.closes.by'),
          cell: (row) => <Actor name={row.closedBy} />,
        },
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
      ]}
    />
  );
}
