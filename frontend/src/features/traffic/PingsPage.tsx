import { Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { type Column, DataTable } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page, Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { ReadTable } from '../../components/ReadTable';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Count, MoneyText, Percent, useLocalized, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { usePolling } from '../../lib/use-polling';
import { useRead } from '../../lib/use-read';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import { SourceFilter } from '../market/sources';
import { useReasonText } from '../shared/reasons';

const PingsQuery = graphql(
  `
    query Pings($state: PingState, $sourceId: ID, $first: Int, $after: String) {
      pings(state: $state, sourceId: $sourceId, first: $first, after: $after) {
        nodes {
          id
          state
          niche {
            id
            name {
              en
              ru
            }
          }
          source {
            id
            name
          }
          reasons {
            code
            message
          }
          bids {
            id
            earning {
              ...MoneyFields
            }
          }
          lead {
            id
          }
          receivedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

const RatiosQuery = graphql(`
  query PingRatios {
    pingRatios {
      source {
        id
        name
        publisher {
          id
          name
        }
      }
      pings
      withBids
      posted
      expired
      postRatioBps
    }
  }
`);

type Row = ResultOf<typeof PingsQuery>['pings']['nodes'][number];
type Ratio = ResultOf<typeof RatiosQuery>['pingRatios'][number];

/** Requests for bids, and how many of them were posted. */
export function PingsPage() {
  const { t } = useTranslation();
  const [tab, setTab] = useState<string | null>('pings');
  return (
    <Page title={t('traffic.pings.title')}>
      <Text size="sm" c="dimmed">
        {t('traffic.pings.text')}
      </Text>
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="pings">{t('traffic.pings.title')}</Tabs.Tab>
          <Tabs.Tab value="ratios">{t('traffic.pings.ratios')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="pings">
          <PingList />
        </Tabs.Panel>
        <Tabs.Panel value="ratios">
          <Ratios />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function PingList() {
  const { t } = useTranslation();
  const url = useUrlState(['state', 'source']);
  const rows = useConnection(
    PingsQuery,
    {
      state: oneOf(url.filters.state, enums.PingState) ?? null,
      sourceId: url.filters.source ?? null,
    },
    (data) => data.pings,
    url.paging,
  );
  usePolling(
    rows.nodes.some((each) => each.state === 'OPEN'),
    rows.reload,
  );
  const columns = usePingColumns();
  return (
    <>
      <FilterBar>
        <EnumFilter
          of="PingState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
        <SourceFilter
          value={url.filters.source}
          onChange={(next) => url.setFilter('source', next)}
        />
      </FilterBar>
      <DataTable
        connection={rows}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('traffic.pings.title')}
        empty={
          <EmptyState title={t(url.filtered ? 'common.emptyFiltered' : 'traffic.pings.empty')} />
        }
      />
    </>
  );
}

function usePingColumns(): Column<Row>[] {
  const { t } = useTranslation();
  const localized = useLocalized();
  const reason = useReasonText();
  return [
    { id: 'id', header: t('traffic.ping'), cell: (row) => <IdLink id={row.id} /> },
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => (
        <>
          <StatusBadge of="PingState" value={row.state} />
          {row.reasons.slice(0, 1).map((each) => (
            <Text key={each.code} size="xs" c="dimmed" title={each.code} maw={280}>
              {reason(each)}
            </Text>
          ))}
        </>
      ),
    },
    {
      id: 'source',
      header: t('shared.source'),
      cell: (row) => (
        <>
          {row.source === null ? '–' : <IdLink id={row.source.id}>{row.source.name}</IdLink>}
          <Text size="xs" c="dimmed">
            <IdLink id={row.niche.id}>{localized(row.niche.name)}</IdLink>
          </Text>
        </>
      ),
    },
    {
      id: 'bids',
      header: t('traffic.pings.bids'),
      align: 'right',
      cell: (row) => <Count value={row.bids.length} />,
    },
    {
      id: 'best',
      header: t('traffic.pings.best'),
      align: 'right',
      cell: (row) => <MoneyText money={row.bids[0]?.earning} />,
    },
    {
      id: 'lead',
      header: t('shared.lead'),
      cell: (row) => (row.lead === null ? '–' : <IdLink id={row.lead.id} />),
    },
    { id: 'at', header: t('shared.received'), cell: (row) => <When at={row.receivedAt} /> },
  ];
}

/** What became of the pings of the last day, by source. */
function Ratios() {
  const { t } = useTranslation();
  const operator = useViewer().organization.kind === 'OPERATOR';
  const read = useRead(RatiosQuery, {});
  const count = (id: 'pings' | 'withBids' | 'posted' | 'expired'): Column<Ratio> => ({
    id,
    header: t(`traffic.pings.ratio.${id}`),
    align: 'right',
    cell: (row) => <Count value={row[id]} />,
  });
  const columns: (Column<Ratio> | false)[] = [
    operator && {
      id: 'publisher',
      header: t('shared.publisher'),
      cell: (row) =>
        row.source === null ? (
          '–'
        ) : (
          <IdLink id={row.source.publisher.id}>{row.source.publisher.name}</IdLink>
        ),
    },
    {
      id: 'source',
      header: t('shared.source'),
      cell: (row) =>
        row.source === null ? '–' : <IdLink id={row.source.id}>{row.source.name}</IdLink>,
    },
    count('pings'),
    count('withBids'),
    count('posted'),
    count('expired'),
    {
      id: 'ratio',
      header: t('traffic.pings.ratio.share'),
      align: 'right',
      cell: (row) => <Percent bps={row.postRatioBps} />,
    },
  ];
  return (
    <Section>
      <Text size="sm" c="dimmed" mb="sm">
        {t('traffic.pings.ratioText')}
      </Text>
      <ReadTable
        read={read}
        pick={(data) => data.pingRatios}
        empty={t('traffic.pings.noRatios')}
        rowKey={(row) => row.source?.id ?? ''}
        caption={t('traffic.pings.ratios')}
        columns={columns.filter((column) => column !== false)}
      />
    </Section>
  );
}
