import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { type Column, DataTable } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page } from '../../components/layout';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Count, MoneyText, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { usePolling } from '../../lib/use-polling';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import { OfferFilter } from '../market/offers';
import { SourceFilter } from '../market/sources';
import { lasts } from './calls';
import { ReportCall } from './ReportCall';

const CallsQuery = graphql(
  `
    query Calls($state: CallState, $offerId: ID, $sourceId: ID, $first: Int, $after: String) {
      calls(state: $state, offerId: $offerId, sourceId: $sourceId, first: $first, after: $after) {
        nodes {
          id
          state
          caller
          source {
            id
            name
          }
          offer {
            id
          }
          offerName
          connectedSeconds
          minCallSeconds
          price {
            ...MoneyFields
          }
          earning {
            ...MoneyFields
          }
          conversion {
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
  [MoneyFields, PageFields],
);

type Row = ResultOf<typeof CallsQuery>['calls']['nodes'][number];

/** Calls, newest first; those that last are looked at again and again. */
export function CallsPage() {
  const { t } = useTranslation();
  const can = useCan();
  const { kind } = useViewer().organization;
  const url = useUrlState(['state', 'offer', 'source']);
  const { state, offer, source } = url.filters;
  const rows = useConnection(
    CallsQuery,
    {
      state: oneOf(state, enums.CallState) ?? null,
      offerId: offer ?? null,
      sourceId: source ?? null,
    },
    (data) => data.calls,
    url.paging,
  );
  usePolling(rows.nodes.some(lasts), rows.reload);
  const columns = useColumns();
  return (
    <Page
      title={t('traffic.calls.title')}
      actions={kind === 'PUBLISHER' && can('SUBMIT_LEADS') ? <ReportCall /> : null}
    >
      <Text size="sm" c="dimmed">
        {t(`traffic.calls.text.${kind}`)}
      </Text>
      <FilterBar>
        <EnumFilter
          of="CallState"
          label={t('common.state')}
          value={state}
          onChange={(next) => url.setFilter('state', next)}
        />
        {kind !== 'PUBLISHER' && (
          <OfferFilter value={offer} onChange={(next) => url.setFilter('offer', next)} />
        )}
        {kind !== 'BUYER' && (
          <SourceFilter value={source} onChange={(next) => url.setFilter('source', next)} />
        )}
      </FilterBar>
      <DataTable
        connection={rows}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('traffic.calls.title')}
        empty={
          <EmptyState
            title={t(url.filtered ? 'common.emptyFiltered' : `traffic.calls.empty.${kind}`)}
          />
        }
      />
    </Page>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation();
  const { kind } = useViewer().organization;
  const columns: (Column<Row> | false)[] = [
    {
      id: 'id',
      header: t('traffic.call'),
      cell: (row) => (
        <Stack gap={0}>
          <IdLink id={row.id} />
          <Text size="xs" c="dimmed">
            {row.caller}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => <StatusBadge of="CallState" value={row.state} />,
    },
    {
      id: 'offer',
      header: t('shared.offer'),
      cell: (row) =>
        row.offer === null ? (
          (row.offerName ?? '–')
        ) : (
          <IdLink id={row.offer.id}>{row.offerName}</IdLink>
        ),
    },
    kind !== 'BUYER' && {
      id: 'source',
      header: t('shared.source'),
      cell: (row) =>
        row.source === null ? '–' : <IdLink id={row.source.id}>{row.source.name}</IdLink>,
    },
    {
      id: 'seconds',
      header: t('traffic.calls.seconds'),
      align: 'right',
      cell: (row) => <Talked seconds={row.connectedSeconds} least={row.minCallSeconds} />,
    },
    {
      id: 'money',
      header: t(kind === 'PUBLISHER' ? 'shared.earning' : 'shared.price'),
      align: 'right',
      cell: (row) => (
        <MoneyText
          money={kind === 'PUBLISHER' ? row.earning : row.price}
          {...(row.conversion === null ? { c: 'dimmed' } : {})}
        />
      ),
    },
    {
      id: 'billed',
      header: t('traffic.calls.billed'),
      cell: (row) => (row.conversion === null ? '–' : <IdLink id={row.conversion.id} />),
    },
    { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
  ];
  return columns.filter((column) => column !== false);
}

/** How long they talked, and from when on it is paid for. */
function Talked({ seconds, least }: { seconds: number | null; least: number | null }) {
  const { t } = useTranslation();
  return (
    <Stack gap={0}>
      <span>{seconds === null ? '–' : <Count value={seconds} />}</span>
      {least !== null && (
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {t('traffic.calls.paidFrom', { seconds: least })}
        </Text>
      )}
    </Stack>
  );
}
