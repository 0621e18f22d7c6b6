import { Alert, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { DataTable } from '../../components/DataTable';
import { Page, Section, Stat } from '../../components/layout';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { MoneyText, Percent, When } from '../../components/text';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { useRead } from '../../lib/use-read';
import { ConversionsTable } from '../market/ConversionsTable';
import { Entries } from '../market/Entries';

const WalletsQuery = graphql(
  `
    query Wallets {
      wallets {
        currency
        available {
          ...MoneyFields
        }
        reserved {
          ...MoneyFields
        }
        reservedByBids {
          ...MoneyFields
        }
        openBids
        reservedByOrders {
          ...MoneyFields
        }
        openOrders
        owed {
          ...MoneyFields
        }
        heldFees {
          ...MoneyFields
        }
        spent30d {
          ...MoneyFields
        }
        coverageBps
      }
    }
  `,
  [MoneyFields],
);

const EntriesQuery = graphql(
  `
    query WalletEntries($first: Int, $after: String) {
      wallets {
        currency
        entries(first: $first, after: $after) {
          nodes {
            transactionId
            kind
            cause
            amount {
              ...MoneyFields
            }
            at
          }
          pageInfo {
            ...PageFields
          }
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

const TopUpsQuery = graphql(
  `
    query WalletTopUps($buyerId: ID, $first: Int, $after: String) {
      topUps(buyerId: $buyerId, first: $first, after: $after) {
        nodes {
          id
          amount {
            ...MoneyFields
          }
          rail
          reference
          note
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

type Wallet = ResultOf<typeof WalletsQuery>['wallets'][number];

/** The buyer's money: balances, every movement, charges and top-ups. */
export function WalletPage() {
  const { t } = useTranslation();
  const read = useRead(WalletsQuery, {});
  return (
    <Page title={t('buyer.wallet.title')}>
      <ReadState read={read} pick={(data) => data.wallets}>
        {(wallets) =>
          wallets.length === 0 ? (
            <EmptyState title={t('buyer.wallet.empty')} />
          ) : (
            <Stack>
              {wallets.map((wallet) => (
                <Balances key={wallet.currency} wallet={wallet} />
              ))}
              <Movements currencies={wallets.map((wallet) => wallet.currency)} />
            </Stack>
          )
        }
      </ReadState>
    </Page>
  );
}

function Balances({ wallet }: { wallet: Wallet }) {
  const { t } = useTranslation();
  const owes = wallet.owed.minor !== '0';
  return (
    <Stack gap="sm">
      {owes && (
        <Alert color="red" title={t('buyer.wallet.owed')}>
          {t('buyer.wallet.owedText')} <MoneyText money={wallet.owed} />
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: owes ? 6 : 5 }}>
        <Stat
          label={`${t('buyer.wallet.available')}, ${wallet.currency}`}
          value={<MoneyText money={wallet.available} />}
        />
        <Stat
          label={t('buyer.wallet.reserved')}
          value={
            <>
              <MoneyText money={wallet.reserved} />
              {wallet.openBids > 0 && (
                <Text size="xs" c="dimmed" fw={400}>
                  {t('buyer.wallet.byBids', { count: wallet.openBids })}{' '}
                  <MoneyText money={wallet.reservedByBids} />
                </Text>
              )}
              {wallet.openOrders > 0 && (
                <Text size="xs" c="dimmed" fw={400}>
                  {t('buyer.wallet.byOrders', { count: wallet.openOrders })}{' '}
                  <MoneyText money={wallet.reservedByOrders} />
                </Text>
              )}
            </>
          }
        />
        {owes && <Stat label={t('buyer.wallet.owed')} value={<MoneyText money={wallet.owed} />} />}
        <Stat label={t('buyer.wallet.heldFees')} value={<MoneyText money={wallet.heldFees} />} />
        <Stat label={t('buyer.wallet.spent30d')} value={<MoneyText money={wallet.spent30d} />} />
        <Stat label={t('buyer.wallet.coverage')} value={<Percent bps={wallet.coverageBps} />} />
      </SimpleGrid>
    </Stack>
  );
}

function Movements({ currencies }: { currencies: string[] }) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<string | null>('entries');
  return (
    <Section>
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="entries">{t('market.entries.title')}</Tabs.Tab>
          <Tabs.Tab value="conversions">{t('buyer.wallet.charges')}</Tabs.Tab>
          <Tabs.Tab value="topUps">{t('buyer.wallet.topUps')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="entries">
          {currencies.map((currency) => (
            <WalletEntries key={currency} currency={currency} />
          ))}
        </Tabs.Panel>
        <Tabs.Panel value="conversions">
          <ConversionsTable side="price" />
        </Tabs.Panel>
        <Tabs.Panel value="topUps">
          <TopUps />
        </Tabs.Panel>
      </Tabs>
    </Section>
  );
}

function WalletEntries({ currency }: { currency: string }) {
  const entries = useConnection(
    EntriesQuery,
    {},
    (data) => data.wallets.find((wallet) => wallet.currency === currency)?.entries,
  );
  return <Entries entries={entries} />;
}

function TopUps() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const rows = useConnection(
    TopUpsQuery,
    { buyerId: viewer.organization.id },
    (data) => data.topUps,
  );
  return (
    <DataTable
      connection={rows}
      rowKey={(row) => row.id}
      caption={t('buyer.wallet.topUps')}
      empty={<EmptyState title={t('buyer.wallet.noTopUps')} />}
      columns={[
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
        { id: 'rail', header: t('buyer.wallet.rail'), cell: (row) => row.rail },
        { id: 'reference', header: t('buyer.wallet.reference'), cell: (row) => row.reference },
        { id: 'note', header: t('common.note'), cell: (row) => row.note ?? '–' },
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
