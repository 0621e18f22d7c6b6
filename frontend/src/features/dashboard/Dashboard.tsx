import { SimpleGrid, Tabs } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { Page, Section, Stat } from '../../components/layout';
import { EmptyState, ErrorState, LoadingState } from '../../components/states';
import { Count, MoneyList } from '../../components/text';
import { graphql, type ResultOf } from '../../lib/graphql';
import type { Kind } from '../../lib/ids';
import { useRead } from '../../lib/use-read';

// Charts are the heaviest part of the page, and only this page has them.
const LeadsChart = lazy(() => import('./charts').then((m) => ({ default: m.LeadsChart })));
const MoneyChart = lazy(() => import('./charts').then((m) => ({ default: m.MoneyChart })));

const DashboardQuery = graphql(`
  query Dashboard {
    dashboard {
      leadsToday
      soldToday
      spentToday {
        minor
        currency
        decimal
      }
      earnedToday {
        minor
        currency
        decimal
      }
      openDisputes
      pendingOrganizations
      pendingOffers
      pendingSources
      pendingParticipations
      days {
        day
        leads
        sold
        money {
          minor
          currency
          decimal
        }
      }
    }
  }
`);

export type Numbers = ResultOf<typeof DashboardQuery>['dashboard'];

function Stats({ numbers, kind }: { numbers: Numbers; kind: Kind }) {
  const { t } = useTranslation();
  const count = (value: number) => <Count value={value} />;
  switch (kind) {
    case 'BUYER':
      return (
        <>
          <Stat
            label={t('dashboard.boughtToday')}
            value={count(numbers.soldToday)}
            to="/buyer/leads"
          />
          <Stat
            label={t('dashboard.spentToday')}
            value={<MoneyList amounts={numbers.spentToday} />}
            to="/buyer/wallet"
          />
          <Stat
            label={t('dashboard.openDisputes')}
            value={count(numbers.openDisputes)}
            to="/buyer/returns"
          />
          <Stat
            label={t('dashboard.pendingParticipations')}
            value={count(numbers.pendingParticipations)}
            to="/buyer/participations"
          />
        </>
      );
    case 'PUBLISHER':
      return (
        <>
          <Stat
            label={t('dashboard.leadsToday')}
            value={count(numbers.leadsToday)}
            to="/publisher/leads"
          />
          <Stat
            label={t('dashboard.soldToday')}
            value={count(numbers.soldToday)}
            to="/publisher/leads"
          />
          <Stat
            label={t('dashboard.earnedToday')}
            value={<MoneyList amounts={numbers.earnedToday} />}
            to="/publisher/earnings"
          />
          <Stat
            label={t('dashboard.openDisputes')}
            value={count(numbers.openDisputes)}
            to="/publisher/disputes"
          />
        </>
      );
    case 'OPERATOR':
      return (
        <>
          <Stat
            label={t('dashboard.leadsToday')}
            value={count(numbers.leadsToday)}
            to="/operator/leads"
          />
          <Stat
            label={t('dashboard.soldToday')}
            value={count(numbers.soldToday)}
            to="/operator/leads"
          />
          <Stat
            label={t('dashboard.turnoverToday')}
            value={<MoneyList amounts={numbers.spentToday} />}
            to="/operator/ledger"
          />
          <Stat
            label={t('dashboard.openDisputes')}
            value={count(numbers.openDisputes)}
            to="/operator/disputes"
          />
          <Stat
            label={t('dashboard.pendingOrganizations')}
            value={count(numbers.pendingOrganizations)}
            to="/operator/approvals?tab=organizations"
          />
          <Stat
            label={t('dashboard.pendingOffers')}
            value={count(numbers.pendingOffers)}
            to="/operator/approvals?tab=offers"
          />
          <Stat
            label={t('dashboard.pendingSources')}
            value={count(numbers.pendingSources)}
            to="/operator/approvals?tab=sources"
          />
        </>
      );
  }
}

function Charts({ days }: { days: Numbers['days'] }) {
  const { t } = useTranslation();
  const currencies = [...new Set(days.flatMap((day) => day.money.map((each) => each.currency)))];
  if (days.every((day) => day.leads === 0 && day.sold === 0)) {
    return <EmptyState title={t('dashboard.noDays')} />;
  }
  return (
    <Tabs defaultValue="leads" keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="leads">{t('dashboard.leads')}</Tabs.Tab>
        {currencies.map((currency) => (
          <Tabs.Tab key={currency} value={currency}>
            {t('dashboard.money', { currency })}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Suspense fallback={<LoadingState />}>
        <Tabs.Panel value="leads">
          <LeadsChart days={days} />
        </Tabs.Panel>
        {currencies.map((currency) => (
          <Tabs.Panel key={currency} value={currency}>
            <MoneyChart days={days} currency={currency} />
          </Tabs.Panel>
        ))}
      </Suspense>
    </Tabs>
  );
}

/** The start page: today's numbers of the role, what waits for it, and the last days. */
export function Dashboard() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const { data, error, loading, reload } = useRead(DashboardQuery, {});
  return (
    <Page title={t('dashboard.title')}>
      {loading && <LoadingState />}
      {error !== undefined && data === undefined && <ErrorState error={error} onRetry={reload} />}
      {data !== undefined && (
        <>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
            <Stats numbers={data.dashboard} kind={viewer.organization.kind} />
          </SimpleGrid>
          <Section title={t('dashboard.lastDays')}>
            <Charts days={data.dashboard.days} />
          </Section>
        </>
      )}
    </Page>
  );
}
