import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { DataTable, SimpleTable } from '../../components/DataTable';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Count, MoneyText, useWord, When } from '../../components/text';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { shortId } from '../../lib/ids';
import { useConnection } from '../../lib/use-connection';
import { useRouteId } from '../../lib/use-route-id';
import { useRead } from '../../lib/use-read';
import { useUrlState } from '../../lib/use-url-state';
import { PayoutActions, PayoutStateText, ProofDownload, Repay, UnknownHelp } from './PayoutParts';
import { StatementActions } from './StatementActions';

const StatementQuery = graphql(
  `
    query StatementPage($id: ID!) {
      statement(id: $id) {
        id
        number
        publisher {
          id
          name
        }
        currency
        periodFrom
        periodTo
        state
        carriedIn {
          ...MoneyFields
        }
        gross {
          ...MoneyFields
        }
        total {
          ...MoneyFields
        }
        lineCount
        payouts {
          id
          amount {
            ...MoneyFields
          }
          rail
          state
          generation
          reference
          reason
          endToEndId
          proof {
            fileName
          }
          exportedAt
          resolvedAt
        }
        createdAt
        approvedAt
        paidAt
        runId
      }
    }
  `,
  [MoneyFields],
);

const LinesQuery = graphql(
  `
    query StatementLines($id: ID!, $first: Int, $after: String) {
      statement(id: $id) {
        id
        lines(first: $first, after: $after) {
          nodes {
            conversion {
              id
              leadId
              goal
              offerId
              offerName
              occurredAt
            }
            earning {
              ...MoneyFields
            }
            givenBack {
              ...MoneyFields
            }
            amount {
              ...MoneyFields
            }
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

type Statement = NonNullable<ResultOf<typeof StatementQuery>['statement']>;

/** Whether the last try failed; the server knows whether a later statement took the sum in. */
function repayable(statement: Statement): boolean {
  const last = [...statement.payouts].sort((a, b) => a.generation - b.generation).at(-1);
  return last?.state === 'REFUSED';
}

function Payouts({ statement, settle }: { statement: Statement; settle: boolean }) {
  const { t } = useTranslation();
  const word = useWord();
  if (statement.payouts.length === 0) return <EmptyState title={t('shared.noPayouts')} />;
  return (
    <Stack>
      {settle && statement.payouts.some((each) => each.state === 'UNKNOWN') && <UnknownHelp />}
      <SimpleTable
        rows={statement.payouts}
        rowKey={(row) => row.id}
        columns={[
          { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
          {
            id: 'amount',
            header: t('common.amount'),
            align: 'right',
            cell: (row) => <MoneyText money={row.amount} />,
          },
          { id: 'rail', header: t('shared.rail'), cell: (row) => word('rails', row.rail) },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <PayoutStateText payout={row} />,
          },
          {
            id: 'reference',
            header: t('shared.reference'),
            cell: (row) => (
              <Stack gap={4} align="flex-start">
                {row.reference ?? '–'}
                {row.proof !== null && (
                  <ProofDownload payoutId={row.id} name={row.proof.fileName} />
                )}
              </Stack>
            ),
          },
          {
            id: 'when',
            header: t('common.changed'),
            cell: (row) => <When at={row.resolvedAt ?? row.exportedAt} />,
          },
          ...(settle
            ? [
                {
                  id: 'actions',
                  header: t('common.actions'),
                  cell: (row: Statement['payouts'][number]) => <PayoutActions payout={row} />,
                },
              ]
            : []),
        ]}
      />
    </Stack>
  );
}

function Lines({ statementId }: { statementId: string }) {
  const { t } = useTranslation();
  const url = useUrlState([]);
  const lines = useConnection(
    LinesQuery,
    { id: statementId },
    (data) => data.statement?.lines,
    url.paging,
  );
  return (
    <DataTable
      connection={lines}
      rowKey={(row) => row.conversion.id}
      columns={[
        {
          id: 'conversion',
          header: t('shared.conversion'),
          cell: (row) => <IdLink id={row.conversion.id} />,
        },
        {
          id: 'lead',
          header: t('shared.lead'),
          cell: (row) => <IdLink id={row.conversion.leadId} />,
        },
        {
          id: 'offer',
          header: t('shared.offer'),
          cell: (row) => <IdLink id={row.conversion.offerId}>{row.conversion.offerName}</IdLink>,
        },
        {
          id: 'goal',
          header: t('shared.goal'),
          cell: (row) => t(`enums.GoalKind.${row.conversion.goal}`),
        },
        {
          id: 'at',
          header: t('common.at'),
          cell: (row) => <When at={row.conversion.occurredAt} />,
        },
        {
          id: 'earning',
          header: t('shared.earning'),
          align: 'right',
          cell: (row) => <MoneyText money={row.earning} />,
        },
        {
          id: 'back',
          header: t('shared.givenBack'),
          align: 'right',
          cell: (row) => <MoneyText money={row.givenBack} />,
        },
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

/** What a publisher earned in a period, line by line, and how it was paid. */
export function StatementPage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const viewer = useViewer();
  const can = useCan();
  const operator = viewer.organization.kind === 'OPERATOR';
  const settle = operator && can('SETTLE');
  const read = useRead(StatementQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.statement}>
      {(statement) => (
        <Page
          title={`${t('shared.statement')} ${statement.number ?? shortId(statement.id)}`}
          badge={<StatusBadge of="StatementState" value={statement.state} />}
          actions={
            settle ? (
              <>
                {repayable(statement) && <Repay statementId={statement.id} />}
                <StatementActions statementId={statement.id} state={statement.state} />
              </>
            ) : null
          }
        >
          <Section>
            <Facts
              cols={4}
              facts={[
                { label: t('common.id'), value: <Copyable value={statement.id} /> },
                {
                  label: t('shared.publisher'),
                  value: <IdLink id={statement.publisher.id}>{statement.publisher.name}</IdLink>,
                },
                {
                  label: t('shared.period'),
                  value: (
                    <>
                      <When at={statement.periodFrom} day /> – <When at={statement.periodTo} day />
                    </>
                  ),
                },
                operator && {
                  label: t('shared.run'),
                  value: <IdLink id={statement.runId} />,
                },
                { label: t('shared.carriedIn'), value: <MoneyText money={statement.carriedIn} /> },
                { label: t('shared.gross'), value: <MoneyText money={statement.gross} /> },
                { label: t('shared.total'), value: <MoneyText money={statement.total} fw={700} /> },
                { label: t('shared.lines'), value: <Count value={statement.lineCount} /> },
                { label: t('common.created'), value: <When at={statement.createdAt} /> },
                { label: t('shared.approvedAt'), value: <When at={statement.approvedAt} /> },
                { label: t('shared.paidAt'), value: <When at={statement.paidAt} /> },
              ]}
            />
          </Section>
          <Section title={t('shared.payouts')}>
            <Payouts statement={statement} settle={settle} />
          </Section>
          <Section title={t('shared.lines')}>
            <Lines statementId={statement.id} />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}
