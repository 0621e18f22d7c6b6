import { SimpleGrid, Tabs } from '@mantine/core';
import type { ParseKeys } from 'i18next';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { Page, Section, Stat } from '../../components/layout';
import { EmptyState, ErrorState, LoadingState } from '../../components/states';
import { Count, MoneyList } from '../../components/text';
import { MoneyFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import type { Kind } from '../../lib/ids';
import { useRead } from '../../lib/use-read';

// Charts are the heaviest part of the page, and only this page has them.
const LeadsChart = lazy(() => import('./charts').then((m) => ({ default: m.LeadsChart })));
const MoneyChart = lazy(() => import('./charts').then((m) => ({ default: m.MoneyChart })));

const DashboardQuery = graphql(
  `
    query Dashboard {
      dashboard {
        leadsToday
        soldToday
        spentToday {
          ...MoneyFields
        }
        earnedToday {
          ...MoneyFields
        }
        openDisputes
        pendingOrganizations
        pendingOffers
        pendingSources
        pendingParticipations
        heldLeads
        days {
          day
          leads
          sold
          money {
            ...MoneyFields
          }
        }
      }
    }
  `,
  [MoneyFields],
);

export type Numbers = ResultOf<typeof DashboardQuery>['dashboard'];

type Counted =
  'leadsToday' | 'soldToday' | 'openDisputes' | 'heldLeads' | (`pending${string}` & keyof Numbers);
type Summed = 'spentToday' | 'earnedToday';

/** A number of the start page: its label, where it comes from, and where it leads. */
interface Tile {
  label: ParseKeys;
  of: Counted | Summed;
  to: string;
}

const TILES: Record<Kind, readonly Tile[]> = {
  BUYER: [
    { label: 'dashboard.boughtToday', of: 'soldToday', to: '/buyer/leads' },
    { label: 'dashboard.spentToday', of: 'spentToday', to: '/buyer/wallet' },
    { label: 'dashboard.openDisputes', of: 'openDisputes', to: '/buyer/returns' },
    {
      label: 'dashboard.pendingParticipations',
      of: 'pendingParticipations',
      to: '/buyer/participations',
    },
  ],
  PUBLISHER: [
    { label: 'dashboard.leadsToday', of: 'leadsToday', to: '/publisher/leads' },
    { label: 'dashboard.soldToday', of: 'soldToday', to: '/publisher/leads' },
    { label: 'dashboard.earnedToday', of: 'earnedToday', to: '/publisher/earnings' },
    { label: 'dashboard.openDisputes', of: 'openDisputes', to: '/publisher/disputes' },
  ],
  OPERATOR: [
    { label: 'dashboard.leadsToday', of: 'leadsToday', to: '/operator/leads' },
    { label: 'dashboard.soldToday', of: 'soldToday', to: '/operator/leads' },
    { label: 'dashboard.turnoverToday', of: 'spentToday', to: '/operator/ledger' },
    { label: 'dashboard.openDisputes', of: 'openDisputes', to: '/operator/disputes' },
    {
      label: 'dashboard.pendingOrganizations',
      of: 'pendingOrganizations',
      to: '/operator/approvals?tab=organizations',
    },
    {
      label: 'dashboard.pendingOffers',
      of: 'pendingOffers',
      to: '/operator/approvals?tab=offers',
    },
    {
      label: 'dashboard.pendingSources',
      of: 'pendingSources',
      to: '/operator/approvals?tab=sources',
    },
    { label: 'dashboard.heldLeads', of: 'heldLeads', to: '/operator/approvals?tab=leads' },
  ],
};

function Stats({ numbers, kind }: { numbers: Numbers; kind: Kind }) {
  const { t } = useTranslation();
  return TILES[kind].map(({ label, of, to }) => {
    const value = numbers[of];
    const shown =
      typeof value === 'number' ? <Count value={value} /> : <MoneyList amounts={value} />;
    return <Stat key={label} label={t(label)} value={shown} to={to} />;
  });
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
