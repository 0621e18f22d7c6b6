import { Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable } from '../../../components/DataTable';
import { Facts, Page, Section } from '../../../components/layout';
import { ButtonLink, Copyable, IdLink } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { Actor, Count, MoneyList, MoneyText, When } from '../../../components/text';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { shortId } from '../../../lib/ids';
import { useConnection } from '../../../lib/use-connection';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { StatementActions } from '../../shared/StatementActions';
import {
  ExportPayoutsButton,
  FileFields,
  PayoutFiles,
  PrintAgain,
  type Skipped,
  SkippedPayouts,
} from './PayoutFiles';
import { RunState } from './RunState';

const RunQuery = graphql(
  `
    query SettlementRun($id: ID!) {
      node(id: $id) {
        __typename
        ... on SettlementRun {
          id
          periodFrom
          periodTo
          state
          totals {
            ...MoneyFields
          }
          createdAt
          createdBy
          files {
            ...FileFields
          }
        }
      }
    }
  `,
  [FileFields, MoneyFields],
);

const RunStatementsQuery = graphql(
  `
    query SettlementRunStatements($id: ID!, $first: Int, $after: String) {
      node(id: $id) {
        __typename
        ... on SettlementRun {
          id
          statements(first: $first, after: $after) {
            nodes {
              id
              number
              publisher {
                id
                name
              }
              state
              lineCount
              carriedIn {
                ...MoneyFields
              }
              gross {
                ...MoneyFields
              }
              total {
                ...MoneyFields
              }
            }
            pageInfo {
              ...PageFields
            }
          }
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

function Statements({ runId, settle }: { runId: string; settle: boolean }) {
  const { t } = useTranslation();
  const list = useConnection(RunStatementsQuery, { id: runId }, (data) =>
    data.node?.__typename === 'SettlementRun' ? data.node.statements : null,
  );
  return (
    <DataTable
      connection={list}
      empty={<EmptyState title={t('operator.settlements.nothing')} />}
      rowKey={(row) => row.id}
      columns={[
        {
          id: 'number',
          header: t('shared.statement'),
          cell: (row) =>
            row.number === null ? (
              <IdLink id={row.id} />
            ) : (
              <IdLink id={row.id}>{row.number}</IdLink>
            ),
        },
        {
          id: 'publisher',
          header: t('shared.publisher'),
          cell: (row) => <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>,
        },
        {
          id: 'state',
          header: t('common.state'),
          cell: (row) => <StatusBadge of="StatementState" value={row.state} />,
        },
        {
          id: 'lines',
          header: t('shared.lines'),
          align: 'right',
          cell: (row) => <Count value={row.lineCount} />,
        },
        {
          id: 'carried',
          header: t('shared.carriedIn'),
          align: 'right',
          cell: (row) => <MoneyText money={row.carriedIn} />,
        },
        {
          id: 'gross',
          header: t('shared.gross'),
          align: 'right',
          cell: (row) => <MoneyText money={row.gross} />,
        },
        {
          id: 'total',
          header: t('shared.total'),
          align: 'right',
          cell: (row) => <MoneyText money={row.total} fw={700} />,
        },
        ...(settle
          ? [
              {
                id: 'actions',
                header: t('common.actions'),
                cell: (row: {
                  id: string;
                  state: Parameters<typeof StatementActions>[0]['state'];
                }) => <StatementActions statementId={row.id} state={row.state} size="compact-xs" />,
              },
            ]
          : []),
      ]}
    />
  );
}

/** One settlement: its statements to approve, the payout file, and what became of it. */
export function SettlementDetail() {
  const { t } = useTranslation();
  const can = useCan();
  const id = useRouteId();
  const read = useRead(RunQuery, { id });
  const settle = can('SETTLE');
  const [skipped, setSkipped] = useState<Skipped>([]);
  return (
    <ReadState
      read={read}
      pick={(data) => (data.node?.__typename === 'SettlementRun' ? data.node : null)}
    >
      {(run) => (
        <Page
          title={`${t('shared.run')} ${shortId(run.id)}`}
          trail={[{ label: t('operator.settlements.title'), to: '/operator/settlements' }]}
          badge={<RunState state={run.state} />}
          actions={
            settle ? (
              <>
                <ButtonLink to="/operator/bank-answers" variant="default">
                  {t('operator.bank.title')}
                </ButtonLink>
                <ExportPayoutsButton runId={run.id} onSkipped={setSkipped} />
              </>
            ) : null
          }
        >
          <Section>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={run.id} /> },
                {
                  label: t('shared.period'),
                  value: (
                    <>
                      <When at={run.periodFrom} /> – <When at={run.periodTo} />
                    </>
                  ),
                },
                { label: t('shared.total'), value: <MoneyList amounts={run.totals} /> },
                { label: t('common.created'), value: <When at={run.createdAt} /> },
                { label: t('common.actor'), value: <Actor name={run.createdBy} /> },
              ]}
            />
          </Section>
          <SkippedPayouts skipped={skipped} />
          <Section
            title={t('operator.settlements.files')}
            actions={
              settle && run.files.length > 0 ? (
                <PrintAgain runId={run.id} file={null} onSkipped={setSkipped} />
              ) : null
            }
          >
            <PayoutFiles runId={run.id} files={run.files} settle={settle} />
          </Section>
          <Section title={t('shared.statements')}>
            {settle && (
              <Text size="sm" c="dimmed" mb="xs">
                {t('operator.settlements.howTo')}
              </Text>
            )}
            <Statements runId={run.id} settle={settle} />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}
