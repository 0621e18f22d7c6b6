import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { type Column, DataTable } from '../../components/DataTable';
import { FilterBar } from '../../components/filters';
import { Page, Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { When } from '../../components/text';
import { PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { useUrlState } from '../../lib/use-url-state';
import { SourceFilter } from '../market/sources';
import { ClickStats } from './ClickStats';

const ClicksQuery = graphql(
  `
    query Clicks($sourceId: ID, $first: Int, $after: String) {
      clicks(sourceId: $sourceId, first: $first, after: $after) {
        nodes {
          id
          source {
            id
            name
          }
          offerName
          bot
          marks {
            name
            value
          }
          leads {
            id
          }
          createdAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

type Row = ResultOf<typeof ClicksQuery>['clicks']['nodes'][number];

/** Clicks on tracking links: what came of them in a period, and each of them. */
export function ClicksPage() {
  const { t } = useTranslation();
  const { kind } = useViewer().organization;
  const url = useUrlState(['source', 'days', 'by']);
  const { source } = url.filters;
  const rows = useConnection(
    ClicksQuery,
    { sourceId: source ?? null },
    (data) => data.clicks,
    url.paging,
  );
  const columns = useColumns();
  return (
    <Page title={t('traffic.clicks.title')}>
      <Text size="sm" c="dimmed">
        {t(kind === 'OPERATOR' ? 'traffic.clicks.textAll' : 'traffic.clicks.text')}
      </Text>
      <FilterBar>
        <SourceFilter value={source} onChange={(next) => url.setFilter('source', next)} />
      </FilterBar>
      <ClickStats
        sourceId={source ?? null}
        days={url.filters.days}
        onDays={(next) => url.setFilter('days', next)}
        by={url.filters.by}
        onBy={(next) => url.setFilter('by', next)}
      />
      <Section title={t('traffic.clicks.each')}>
        <DataTable
          connection={rows}
          columns={columns}
          rowKey={(row) => row.id}
          caption={t('traffic.clicks.each')}
          empty={
            <EmptyState
              title={t(source === undefined ? 'traffic.clicks.empty' : 'common.emptyFiltered')}
            />
          }
        />
      </Section>
    </Page>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation();
  const publisher = useViewer().organization.kind === 'PUBLISHER';
  const columns: (Column<Row> | false)[] = [
    { id: 'id', header: t('traffic.click'), cell: (row) => <IdLink id={row.id} /> },
    {
      id: 'source',
      header: t('shared.source'),
      cell: (row) =>
        row.source === null ? '–' : <IdLink id={row.source.id}>{row.source.name}</IdLink>,
    },
    { id: 'offer', header: t('shared.offer'), cell: (row) => row.offerName ?? '–' },
    publisher && {
      id: 'marks',
      header: t('traffic.clicks.marks'),
      cell: (row) => <Marks marks={row.marks} />,
    },
    {
      id: 'kind',
      header: t('traffic.clicks.whose'),
      cell: (row) =>
        row.bot === null ? (
          t('traffic.clicks.person')
        ) : (
          <Badge color="gray" variant="light" radius="sm" tt="none">
            {t(`enums.ClickBot.${row.bot}`)}
          </Badge>
        ),
    },
    {
      id: 'leads',
      header: t('shared.leads'),
      cell: (row) =>
        row.leads.length === 0
          ? '–'
          : row.leads.map((lead) => <IdLink key={lead.id} id={lead.id} />),
    },
    { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
  ];
  return columns.filter((column) => column !== false);
}

/** Sub-ids and UTM marks, as the publisher wrote them. */
function Marks({ marks }: { marks: Row['marks'] }) {
  if (marks.length === 0) return <>–</>;
  return (
    <Group gap={4}>
      {marks.map((mark) => (
        <Text key={mark.name} size="xs" style={{ overflowWrap: 'anywhere' }}>
          <Text span c="dimmed" inherit>
            {mark.name}=
          </Text>
          {mark.value}
        </Text>
      ))}
    </Group>
  );
}
