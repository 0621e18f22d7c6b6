import { SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page, Section, Stat } from '../../components/layout';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { MoneyText } from '../../components/text';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { useRead } from '../../lib/use-read';
import { ConversionsTable } from '../market/ConversionsTable';
import { Entries } from '../market/Entries';

const EarningsQuery = graphql(
  `
    query Earnings {
      earnings {
        currency
        held {
          ...MoneyFields
        }
        payable {
          ...MoneyFields
        }
        inPayout {
          ...MoneyFields
        }
        paid {
          ...MoneyFields
        }
      }
    }
  `,
  [MoneyFields],
);

const EntriesQuery = graphql(
  `
    query EarningEntries($first: Int, $after: String) {
      earnings {
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

/** What the publisher earned: held, payable, on its way, paid; and every movement. */
export function EarningsPage() {
  const { t } = useTranslation();
  const read = useRead(EarningsQuery, {});
  const [tab, setTab] = useState<string | null>('conversions');
  return (
    <Page title={t('publisher.earnings.title')}>
      <ReadState read={read} pick={(data) => data.earnings}>
        {(earnings) =>
          earnings.length === 0 ? (
            <EmptyState title={t('publisher.earnings.empty')} />
          ) : (
            <Stack>
              {earnings.map((each) => (
                <SimpleGrid key={each.currency} cols={{ base: 1, xs: 2, md: 4 }}>
                  <Stat
                    label={`${t('publisher.earnings.held')}, ${each.currency}`}
                    value={<MoneyText money={each.held} />}
                  />
                  <Stat
                    label={t('publisher.earnings.payable')}
                    value={<MoneyText money={each.payable} />}
                  />
                  <Stat
                    label={t('publisher.earnings.inPayout')}
                    value={<MoneyText money={each.inPayout} />}
                    to="/publisher/statements"
                  />
                  <Stat
                    label={t('publisher.earnings.paid')}
                    value={<MoneyText money={each.paid} />}
                    to="/publisher/statements"
                  />
                </SimpleGrid>
              ))}
              <Text size="sm" c="dimmed">
                {t('publisher.earnings.text')}
              </Text>
              <Section>
                <Tabs value={tab} onChange={setTab} keepMounted={false}>
                  <Tabs.List mb="md">
                    <Tabs.Tab value="conversions">{t('market.conversions.title')}</Tabs.Tab>
                    <Tabs.Tab value="entries">{t('market.entries.title')}</Tabs.Tab>
                  </Tabs.List>
                  <Tabs.Panel value="conversions">
                    <ConversionsTable side="earning" />
                  </Tabs.Panel>
                  <Tabs.Panel value="entries">
                    {earnings.map((each) => (
                      <EarningEntries key={each.currency} currency={each.currency} />
                    ))}
                  </Tabs.Panel>
                </Tabs>
              </Section>
            </Stack>
          )
        }
      </ReadState>
    </Page>
  );
}

function EarningEntries({ currency }: { currency: string }) {
  const entries = useConnection(
    EntriesQuery,
    {},
    (data) => data.earnings.find((each) => each.currency === currency)?.entries,
  );
  return <Entries entries={entries} />;
}
