import { Alert, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { DataTable } from '../../components/DataTable';
import { Page, Section, Stat } from '../../components/layout';
import { Copyable } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { MoneyText, Percent, useWord, When } from '../../components/text';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { useRead } from '../../lib/use-read';
import { useUrlState } from '../../lib/use-url-state';
import { ConversionsTable } from '../market/ConversionsTable';
import { CreditChanges, FxConversions } from '../finance/Lists';
import { Entries } from '../market/Entries';
import { InvoiceTable } from '../shared/InvoiceTable';
import { CardTopUps, CreditRefunds } from './wallet/CardTopUps';
import { CardsQuery } from './wallet/cards';
import { Chargebacks } from './wallet/Chargebacks';
import { SavedCards } from './wallet/SavedCards';
import { TopUpDialog } from './wallet/TopUpDialog';
import { TopUpOutcome } from './wallet/TopUpOutcome';

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
        creditLimit {
          ...MoneyFields
        }
        ownFunds {
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
            balance {
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

/** The buyer's money: balances, every movement, charges, top-ups, cards and refunds. */
export function WalletPage() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['topup', 'cancelled', 'tab']);
  const read = useRead(WalletsQuery, {});
  const cards = useRead(CardsQuery, {});
  const byCard = cards.data?.cardPayments === true;
  const currencies = [
    ...new Set([
      ...(read.data?.wallets ?? []).map((wallet) => wallet.currency),
      ...(cards.data?.niches ?? []).map((niche) => niche.currency),
    ]),
  ];
  const { topup } = url.filters;
  return (
    <Page
      title={t('buyer.wallet.title')}
      actions={
        byCard && can('FUND_WALLET') && currencies.length > 0 ? (
          <TopUpDialog
            // A card that was saved or removed meanwhile is another form.
            key={cards.data?.savedCards.map((card) => card.id).join()}
            currencies={currencies}
            cards={cards.data?.savedCards.filter((card) => card.removedAt === null) ?? []}
            onStarted={(id) => url.setFilters({ topup: id, cancelled: null })}
          />
        ) : null
      }
    >
      {topup !== undefined && (
        <TopUpOutcome
          key={topup}
          id={topup}
          cancelled={url.filters.cancelled !== undefined}
          onClose={() => url.setFilters({ topup: null, cancelled: null })}
        />
      )}
      {cards.data?.cardPayments === false && <ByTransfer />}
      <ReadState read={read} pick={(data) => data.wallets}>
        {(wallets) => (
          <Stack>
            {wallets.length === 0 && (
              <EmptyState title={t(byCard ? 'buyer.wallet.emptyCards' : 'buyer.wallet.empty')} />
            )}
            {wallets.map((wallet) => (
              <Balances key={wallet.currency} wallet={wallet} />
            ))}
            <Movements
              currencies={wallets.map((wallet) => wallet.currency)}
              tab={url.filters.tab ?? (wallets.length === 0 ? 'topUps' : 'entries')}
              onTab={(tab) => url.setFilter('tab', tab)}
              cards={
                cards.data !== undefined && (byCard || cards.data.savedCards.length > 0) ? (
                  <SavedCards data={cards.data} currencies={currencies} />
                ) : null
              }
            />
          </Stack>
        )}
      </ReadState>
    </Page>
  );
}

/** How to pay in where no cards are taken: whom to ask, and what to name. */
function ByTransfer() {
  const { t } = useTranslation();
  const viewer = useViewer();
  return (
    <Alert color="blue" title={t('buyer.wallet.transfer.title')}>
      {t('buyer.wallet.transfer.text')} <Copyable value={viewer.organization.id} />
    </Alert>
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
          value={
            <>
              <MoneyText money={wallet.available} />
              {wallet.creditLimit.minor !== '0' && (
                <Text size="xs" c="dimmed" fw={400}>
                  {t('buyer.wallet.ownFunds')} <MoneyText money={wallet.ownFunds} />
                  <br />
                  {t('buyer.wallet.creditLimit')} <MoneyText money={wallet.creditLimit} />
                </Text>
              )}
            </>
          }
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

function Movements({
  currencies,
  tab,
  onTab,
  cards,
}: {
  currencies: string[];
  tab: string;
  onTab: (tab: string | null) => void;
  /** Saved cards, where there may be any. */
  cards: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Section>
      <Tabs value={tab} onChange={onTab} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="entries">{t('market.entries.title')}</Tabs.Tab>
          <Tabs.Tab value="conversions">{t('buyer.wallet.charges')}</Tabs.Tab>
          <Tabs.Tab value="topUps">{t('buyer.wallet.topUps')}</Tabs.Tab>
          <Tabs.Tab value="invoices">{t('shared.invoices.title')}</Tabs.Tab>
          {cards !== null && <Tabs.Tab value="cards">{t('buyer.wallet.cards')}</Tabs.Tab>}
          <Tabs.Tab value="credit">{t('finance.tabs.credit')}</Tabs.Tab>
          <Tabs.Tab value="fx">{t('finance.tabs.conversions')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="entries">
          {currencies.length === 0 && <EmptyState />}
          {currencies.map((currency) => (
            <WalletEntries key={currency} currency={currency} />
          ))}
        </Tabs.Panel>
        <Tabs.Panel value="conversions">
          <ConversionsTable side="price" />
        </Tabs.Panel>
        <Tabs.Panel value="topUps">
          <Stack gap="lg">
            <Chargebacks />
            <Stack gap="xs">
              <Text component="h3" fw={600} m={0}>
                {t('buyer.wallet.byCard')}
              </Text>
              <CardTopUps />
            </Stack>
            <CreditRefunds />
            <Stack gap="xs">
              <Text component="h3" fw={600} m={0}>
                {t('buyer.wallet.recorded')}
              </Text>
              <TopUps />
            </Stack>
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="invoices">
          <InvoiceTable />
        </Tabs.Panel>
        <Tabs.Panel value="cards">{cards}</Tabs.Panel>
        <Tabs.Panel value="credit">
          <CreditChanges />
        </Tabs.Panel>
        <Tabs.Panel value="fx">
          <FxConversions />
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
  const word = useWord();
  const rows = useConnection(
    TopUpsQuery,
    { buyerId: viewer.organization.id },
    (data) => data.topUps,
  );
  return (
    <DataTable
      connection={rows}
      rowKey={(row) => row.id}
      caption={t('buyer.wallet.recorded')}
      empty={<EmptyState title={t('buyer.wallet.noTopUps')} />}
      columns={[
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
        { id: 'rail', header: t('buyer.wallet.rail'), cell: (row) => word('rails', row.rail) },
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
