import { Badge, Button, Center, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../../components/DataTable';
import { IdLink } from '../../../components/links';
import { EmptyState, ErrorState, LoadingState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText } from '../../../components/text';
import { MoneyFields } from '../../../lib/fragments';
import { type Enum, graphql, type ResultOf } from '../../../lib/graphql';
import { useRead } from '../../../lib/use-read';
import { useBankReason } from '../../shared/PayoutParts';
import { useReasonText } from '../../shared/reasons';

const LinesQuery = graphql(
  `
    query BankAnswerLines($id: ID!, $finding: BankAnswerFinding, $first: Int, $afterLine: Int) {
      bankAnswer(id: $id) {
        id
        lines(finding: $finding, first: $first, afterLine: $afterLine) {
          line
          scope
          reference
          status
          reason
          amount {
            ...MoneyFields
          }
          bankReference
          payout {
            id
            amount {
              ...MoneyFields
            }
            state
            statement {
              id
              number
              publisher {
                id
                name
              }
            }
          }
          finding
          code
          outcome
        }
      }
    }
  `,
  [MoneyFields],
);

type Line = NonNullable<ResultOf<typeof LinesQuery>['bankAnswer']>['lines'][number];

const PAGE = 100;

const COLORS: Record<Enum<'BankAnswerFinding'>, string> = {
  CONFIRMS: 'teal',
  REFUSES: 'red',
  PENDING: 'yellow',
  KNOWN: 'gray',
  PROBLEM: 'orange',
};

/** What the bank said, in its own words and in ours. */
function Said({ line }: { line: Line }) {
  const { t } = useTranslation();
  const bankReason = useBankReason();
  return (
    <Stack gap={0}>
      <span>
        <code>{line.status}</code>
        {line.scope !== 'PAYMENT' && ` · ${t(`enums.BankAnswerScope.${line.scope}`)}`}
      </span>
      {line.reason !== null && (
        <Text size="xs" c="dimmed">
          {bankReason(line.reason)}
        </Text>
      )}
    </Stack>
  );
}

/** What the line comes to, and why it is a problem. */
function Finding({ line }: { line: Line }) {
  const { t } = useTranslation();
  const reason = useReasonText();
  return (
    <Stack gap={2} align="flex-start" maw={280}>
      <Badge variant="light" radius="sm" tt="none" color={COLORS[line.finding]} miw="max-content">
        {t(`enums.BankAnswerFinding.${line.finding}`)}
      </Badge>
      {line.code !== null && (
        <Text size="xs" title={line.code}>
          {reason({ code: line.code })}
        </Text>
      )}
    </Stack>
  );
}

/** The lines of a bank's answer, a page at a time, with the payouts that they mean. */
export function BankAnswerLines({
  id,
  finding,
}: {
  id: string;
  finding: Enum<'BankAnswerFinding'> | null;
}) {
  const { t } = useTranslation();
  const reason = useReasonText();
  const [starts, setStarts] = useState<number[]>([]);
  const read = useRead(LinesQuery, { id, finding, first: PAGE, afterLine: starts.at(-1) ?? null });
  const lines = read.data?.bankAnswer?.lines;
  if (read.loading) return <LoadingState />;
  if (lines === undefined) {
    return read.error === undefined ? null : (
      <ErrorState error={read.error} onRetry={read.reload} />
    );
  }
  const last = lines.at(-1)?.line;
  return (
    <>
      {lines.length === 0 ? (
        <EmptyState title={t('common.emptyFiltered')} />
      ) : (
        <SimpleTable
          rows={lines}
          rowKey={(row) => String(row.line)}
          caption={t('shared.lines')}
          columns={[
            {
              id: 'line',
              header: t('operator.bank.line'),
              align: 'right',
              cell: (row) => row.line,
            },
            {
              id: 'finding',
              header: t('operator.bank.finding'),
              cell: (row) => <Finding line={row} />,
            },
            { id: 'said', header: t('operator.bank.said'), cell: (row) => <Said line={row} /> },
            {
              id: 'payout',
              header: t('shared.records.payout'),
              cell: (row) =>
                row.payout === null ? (
                  <code style={{ overflowWrap: 'anywhere' }}>{row.reference}</code>
                ) : (
                  <Stack gap={0}>
                    <IdLink id={row.payout.id} />
                    <Text size="xs">{row.payout.statement.publisher.name}</Text>
                  </Stack>
                ),
            },
            {
              id: 'state',
              header: t('common.state'),
              cell: (row) =>
                row.payout === null ? (
                  '–'
                ) : (
                  <StatusBadge of="PayoutState" value={row.payout.state} />
                ),
            },
            {
              id: 'amount',
              header: t('operator.bank.amount'),
              align: 'right',
              cell: (row) => (
                <Stack gap={0} align="flex-end">
                  <MoneyText money={row.amount} />
                  {row.payout !== null &&
                    row.amount !== null &&
                    row.payout.amount.minor !== row.amount.minor && (
                      <Text size="xs" c="dimmed">
                        {t('operator.bank.here')} <MoneyText money={row.payout.amount} />
                      </Text>
                    )}
                </Stack>
              ),
            },
            {
              id: 'reference',
              header: t('shared.reference'),
              cell: (row) => row.bankReference ?? '–',
            },
            {
              id: 'outcome',
              header: t('operator.bank.outcome'),
              cell: (row) =>
                row.outcome === null ? (
                  '–'
                ) : row.outcome === 'OK' ? (
                  t('common.done')
                ) : (
                  <Text size="sm" c="red.8" title={row.outcome}>
                    {reason({ code: row.outcome })}
                  </Text>
                ),
            },
          ]}
        />
      )}
      <Center mt="md">
        <Group>
          {starts.length > 0 && (
            <Button variant="default" onClick={() => setStarts(starts.slice(0, -1))}>
              {t('common.back')}
            </Button>
          )}
          {lines.length === PAGE && last !== undefined && (
            <Button variant="default" onClick={() => setStarts([...starts, last])}>
              {t('common.more')}
            </Button>
          )}
        </Group>
      </Center>
    </>
  );
}
