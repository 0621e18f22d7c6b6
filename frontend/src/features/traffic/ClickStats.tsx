import { Group, SegmentedControl, Select, Stack } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { type Column, SimpleTable } from '../../components/DataTable';
import { Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState, LoadingState } from '../../components/states';
import { Count, MoneyText, Percent } from '../../components/text';
import { MoneyFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useRead } from '../../lib/use-read';
import { useSourceNames } from '../market/sources';

// Charts are heavy, and a page without clicks needs none.
const ClicksChart = lazy(() => import('./ClicksChart').then((m) => ({ default: m.ClicksChart })));

const StatsQuery = graphql(
  `
    query ClickStats($from: DateTime!, $to: DateTime!, $sourceId: ID, $subId: Int) {
      clickStats(from: $from, to: $to, sourceId: $sourceId, subId: $subId) {
        key
        clicks
        bots
        leads
        conversions
        rateBps
        earning {
          ...MoneyFields
        }
      }
    }
  `,
  [MoneyFields],
);

type Stat = ResultOf<typeof StatsQuery>['clickStats'][number];

const PERIODS = ['7', '30', '90'] as const;
const SUB_IDS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'] as const;
const DAY_MS = 86_400_000;
/** So many bars can be read. */
const BARS = 12;

interface Props {
  sourceId: string | null;
  /** The period's length as the address has it. */
  days: string | undefined;
  onDays: (days: string | null) => void;
  /** The number of a sub-id, or nothing for sources. */
  by: string | undefined;
  onBy: (by: string | null) => void;
}

/** What came of the clicks of a period: by source, or by one of the publisher's sub-ids. */
export function ClickStats({ sourceId, days, onDays, by, onBy }: Props) {
  const { t } = useTranslation();
  const publisher = useViewer().organization.kind === 'PUBLISHER';
  const period = PERIODS.find((each) => each === days) ?? '30';
  const subId = publisher ? (SUB_IDS.find((each) => each === by) ?? null) : null;
  // Whole minutes, so that the question stays the same while the page is drawn again.
  const { from, to } = useMemo(() => {
    const end = Math.ceil(Date.now() / 60_000) * 60_000;
    return {
      from: new Date(end - Number(period) * DAY_MS).toISOString(),
      to: new Date(end).toISOString(),
    };
  }, [period]);
  const read = useRead(StatsQuery, {
    from,
    to,
    sourceId,
    subId: subId === null ? null : Number(subId),
  });
  return (
    <Section title={t('traffic.clicks.stats')}>
      <Group align="flex-end" mb="md">
        <SegmentedControl
          aria-label={t('shared.period')}
          data={PERIODS.map((value) => ({ value, label: t('traffic.clicks.days', { n: value }) }))}
          value={period}
          onChange={(next) => onDays(next === '30' ? null : next)}
        />
        {publisher && (
          <Select
            label={t('traffic.clicks.by')}
            size="sm"
            w={190}
            allowDeselect={false}
            data={[
              { value: '', label: t('shared.source') },
              ...SUB_IDS.map((value) => ({ value, label: `sub${value}` })),
            ]}
            value={subId ?? ''}
            onChange={(next) => onBy(next === '' ? null : next)}
          />
        )}
      </Group>
      <ReadState read={read} pick={(data) => data.clickStats}>
        {(stats) => <Stats stats={stats} subId={subId} />}
      </ReadState>
    </Section>
  );
}

function Stats({ stats, subId }: { stats: readonly Stat[]; subId: string | null }) {
  const { t } = useTranslation();
  const publisher = useViewer().organization.kind === 'PUBLISHER';
  const { nameOf } = useSourceNames();
  if (stats.length === 0) return <EmptyState title={t('traffic.clicks.noStats')} />;
  const label = (key: string) =>
    key === '' ? t('traffic.clicks.without') : subId === null ? (nameOf(key) ?? key) : key;
  const columns: (Column<Stat> | false)[] = [
    {
      id: 'key',
      header: subId === null ? t('shared.source') : `sub${subId}`,
      cell: (row) =>
        subId === null && row.key !== '' ? (
          <IdLink id={row.key}>{nameOf(row.key)}</IdLink>
        ) : (
          label(row.key)
        ),
    },
    number('clicks', t('traffic.clicks.title')),
    number('bots', t('traffic.clicks.bots')),
    number('leads', t('shared.leads')),
    number('conversions', t('shared.conversions')),
    {
      id: 'rate',
      header: t('traffic.clicks.rate'),
      align: 'right',
      cell: (row) => <Percent bps={row.rateBps} />,
    },
    publisher && {
      id: 'earning',
      header: t('shared.earning'),
      align: 'right',
      cell: (row) => <MoneyText money={row.earning} />,
    },
  ];
  return (
    <Stack>
      <Suspense fallback={<LoadingState />}>
        <ClicksChart
          rows={stats.slice(0, BARS).map((row) => ({ ...row, label: label(row.key) }))}
        />
      </Suspense>
      <SimpleTable
        rows={stats}
        rowKey={(row) => row.key}
        caption={t('traffic.clicks.stats')}
        columns={columns.filter((column) => column !== false)}
      />
    </Stack>
  );
}

/** A column of counts. */
function number(id: 'clicks' | 'bots' | 'leads' | 'conversions', header: string): Column<Stat> {
  return { id, header, align: 'right', cell: (row) => <Count value={row[id]} /> };
}
