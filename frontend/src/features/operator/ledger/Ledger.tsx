import { Badge, SimpleGrid, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable, SimpleTable } from '../../../components/DataTable';
import { Facts, Page, Section } from '../../../components/layout';
import { AppLink, Copyable, IdLink } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { EmptyState } from '../../../components/states';
import { MoneyText, When } from '../../../components/text';
import { useConnection } from '../../../lib/use-connection';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { useUrlState } from '../../../lib/use-url-state';
import {
  AccountQuery,
  AccountsQuery,
  EntriesQuery,
  SummaryQuery,
  TransactionQuery,
} from './queries';
import { isEntryKind } from '../../market/entryKinds';
import { Cause } from './Cause';

const SUMS = [
  'buyerFunds',
  'reserved',
  'owed',
  'publisherHeld',
  'publisherPayable',
  'feesHeld',
  'fees',
] as const;

function Summary() {
  const { t } = useTranslation();
  const read = useRead(SummaryQuery, {});
  return (
    <ReadState read={read} pick={(data) => data.ledgerSummary}>
      {(rows) =>
        rows.length === 0 ? (
          <EmptyState />
        ) : (
          <SimpleGrid cols={{ base: 1, md: rows.length > 1 ? 2 : 1 }}>
            {rows.map((row) => (
              <Section
                key={row.currency}
                title={row.currency}
                actions={
                  <Badge color={row.balanced ? 'teal' : 'red'} variant="light" tt="none">
                    {row.balanced ? t('operator.ledger.balanced') : t('operator.ledger.unbalanced')}
                  </Badge>
                }
              >
                <Facts
                  cols={rows.length > 1 ? 2 : 4}
                  facts={SUMS.map((name) => ({
                    label: t(`operator.ledger.sums.${name}`),
                    value: <MoneyText money={row[name]} />,
                  }))}
                />
              </Section>
            ))}
          </SimpleGrid>
        )
      }
    </ReadState>
  );
}

/** Where all money is, and every account that holds some. */
export function Ledger() {
  const { t } = useTranslation();
  const url = useUrlState(['prefix']);
  const [prefix, setPrefix] = useState(url.filters.prefix ?? '');
  const search = useDebouncedCallback((text: string) => url.setFilter('prefix', text), 300);
  const list = useConnection(
    AccountsQuery,
    { prefix: url.filters.prefix ?? null },
    (data) => data.ledgerAccounts,
    url.paging,
  );
  return (
    <Page title={t('operator.ledger.title')}>
      <Summary />
      <Section title={t('operator.ledger.accounts')}>
        <TextInput
          maw={360}
          mb="sm"
          label={t('operator.ledger.prefix')}
          placeholder="buyer:available"
          value={prefix}
          onChange={(event) => {
            setPrefix(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
        />
        <DataTable
          connection={list}
          empty={
            <EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />
          }
          rowKey={(row) => row.id}
          columns={[
            {
              id: 'code',
              header: t('operator.ledger.account'),
              cell: (row) => (
                <IdLink id={row.id}>
                  <code style={{ overflowWrap: 'anywhere' }}>{row.code}</code>
                </IdLink>
              ),
            },
            {
              id: 'owner',
              header: t('operator.ledger.owner'),
              cell: (row) =>
                row.owner === null ? '–' : <IdLink id={row.owner.id}>{row.owner.name}</IdLink>,
            },
            {
              id: 'balance',
              header: t('operator.ledger.balance'),
              align: 'right',
              cell: (row) => <MoneyText money={row.balance} />,
            },
          ]}
        />
      </Section>
    </Page>
  );
}

function useKindText(): (kind: string) => string {
  const { t } = useTranslation();
  return (kind) => (isEntryKind(kind) ? t(`market.entries.of.${kind}`) : kind);
}

export function LedgerAccount() {
  const { t } = useTranslation();
  const kind = useKindText();
  const id = useRouteId();
  const url = useUrlState([]);
  const read = useRead(AccountQuery, { id });
  const entries = useConnection(
    EntriesQuery,
    { id },
    (data) => data.ledgerAccount?.entries,
    url.paging,
  );
  return (
    <ReadState read={read} pick={(data) => data.ledgerAccount}>
      {(account) => (
        <Page
          title={account.code}
          trail={[{ label: t('operator.ledger.title'), to: '/operator/ledger' }]}
        >
          <Section>
            <Facts
              cols={4}
              facts={[
                { label: t('common.id'), value: <Copyable value={account.id} /> },
                { label: t('common.kind'), value: account.kind },
                account.owner !== null && {
                  label: t('operator.ledger.owner'),
                  value: <IdLink id={account.owner.id}>{account.owner.name}</IdLink>,
                },
                {
                  label: t('operator.ledger.balance'),
                  value: <MoneyText money={account.balance} fw={700} />,
                },
              ]}
            />
          </Section>
          <Section title={t('operator.ledger.entries')}>
            <DataTable
              connection={entries}
              rowKey={(row) => `${row.transactionId} ${row.amount.minor}`}
              columns={[
                {
                  id: 'transaction',
                  header: t('operator.ledger.transaction'),
                  cell: (row) => <IdLink id={row.transactionId} />,
                },
                { id: 'kind', header: t('common.kind'), cell: (row) => kind(row.kind) },
                {
                  id: 'cause',
                  header: t('operator.ledger.cause'),
                  cell: (row) => <Cause cause={row.cause} />,
                },
                { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
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
          </Section>
        </Page>
      )}
    </ReadState>
  );
}

export function LedgerTransaction() {
  const { t } = useTranslation();
  const kind = useKindText();
  const id = useRouteId();
  const read = useRead(TransactionQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.ledgerTransaction}>
      {(transaction) => (
        <Page
          title={`${t('operator.ledger.transaction')} · ${kind(transaction.kind)}`}
          trail={[{ label: t('operator.ledger.title'), to: '/operator/ledger' }]}
        >
          <Section>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={transaction.id} /> },
                {
                  label: t('operator.ledger.cause'),
                  value: <Cause cause={transaction.cause} />,
                },
                { label: t('common.at'), value: <When at={transaction.at} /> },
              ]}
            />
          </Section>
          <Section title={t('operator.ledger.postings')}>
            <SimpleTable
              rows={transaction.postings}
              rowKey={(row) => `${row.accountId} ${row.amount.minor}`}
              columns={[
                {
                  id: 'account',
                  header: t('operator.ledger.account'),
                  cell: (row) => (
                    <AppLink to={`/operator/ledger/accounts/${row.accountId}`}>
                      <code style={{ overflowWrap: 'anywhere' }}>{row.accountCode}</code>
                    </AppLink>
                  ),
                },
                {
                  id: 'amount',
                  header: t('common.amount'),
                  align: 'right',
                  cell: (row) => <MoneyText money={row.amount} />,
                },
              ]}
            />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}
