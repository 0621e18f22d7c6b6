import { Alert, Badge, Button, Center, Code, Group, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { SimpleTable } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Facts, Page, Section } from '../../components/layout';
import { AppLink, Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState, ErrorState, LoadingState } from '../../components/states';
import { Count, MoneyText, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { MoneyFields, UserErrorFields } from '../../lib/fragments';
import { type Enum, graphql } from '../../lib/graphql';
import { shortId } from '../../lib/ids';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import { useReasonText } from '../shared/reasons';
import { CsvUpload } from './CsvUpload';

const ListQuery = graphql(`
  query Reconciliations {
    reconciliations {
      id
      createdAt
      appliedAt
      counts {
        finding
        rows
      }
    }
  }
`);

const OneQuery = graphql(`
  query Reconciliation($id: ID!) {
    reconciliation(id: $id) {
      id
      createdAt
      appliedAt
      counts {
        finding
        rows
      }
    }
  }
`);

const RowsQuery = graphql(
  `
    query ReconciliationRows(
      $id: ID!
      $finding: ReconciliationFinding
      $first: Int
      $afterRow: Int
    ) {
      reconciliation(id: $id) {
        id
        rows(finding: $finding, first: $first, afterRow: $afterRow) {
          row
          finding
          code
          awardId
          conversionId
          goal
          externalId
          amount {
            ...MoneyFields
          }
          knownAmount {
            ...MoneyFields
          }
          occurredAt
          outcome
        }
      }
    }
  `,
  [MoneyFields],
);

const Check = graphql(
  `
    mutation CheckReconciliation($input: CheckReconciliationInput!) {
      checkReconciliation(input: $input) {
        reconciliation {
          id
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const Apply = graphql(
  `
    mutation ApplyReconciliation($input: ApplyReconciliationInput!) {
      applyReconciliation(input: $input) {
        reconciliation {
          id
          appliedAt
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type Finding = Enum<'ReconciliationFinding'>;

const EXAMPLE =
  'lead_id,external_id,goal,amount,occurred_at,status\nlead_…,order-1042,SALE,1250.00,2026-01-31T12:00:00Z,approved\nlead_…,order-1043,SALE,900.00,2026-01-30T09:30:00Z,refunded';

/** What applying does something about. */
const TO_APPLY: readonly Finding[] = ['ONLY_IN_FILE', 'REFUNDED'];
const PAGE = 100;

function Upload() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const check = useAction(Check);
  const [csv, setCsv] = useState('');
  const send = async () => {
    const outcome = await check.run({ csv });
    const id = outcome.ok ? outcome.payload.reconciliation?.id : undefined;
    if (id !== undefined) await navigate({ to: `/buyer/reconciliation/${id}` });
  };
  return (
    <Section title={t('buyer.reconcile.upload')}>
      <Stack>
        <Text size="sm">{t('buyer.reconcile.text')}</Text>
        <Code block>{EXAMPLE}</Code>
        <CsvUpload
          csv={csv}
          onCsv={setCsv}
          sendLabel={t('buyer.reconcile.check')}
          onSend={() => void send()}
          running={check.running}
          problems={check.problems}
        />
      </Stack>
    </Section>
  );
}

/** Compares a file of sales with what the exchange knows; the differences may be applied. */
export function ReconciliationsPage() {
  const { t } = useTranslation();
  const can = useCan();
  const read = useRead(ListQuery, {});
  return (
    <Page title={t('buyer.reconcile.title')}>
      {can('REPORT_OUTCOMES') && <Upload />}
      <Section title={t('buyer.reconcile.earlier')}>
        <ReadState read={read} pick={(data) => data.reconciliations}>
          {(list) =>
            list.length === 0 ? (
              <EmptyState title={t('buyer.reconcile.none')} />
            ) : (
              <SimpleTable
                rows={list}
                rowKey={(row) => row.id}
                caption={t('buyer.reconcile.earlier')}
                columns={[
                  {
                    id: 'id',
                    header: t('common.id'),
                    cell: (row) => (
                      <AppLink to={`/buyer/reconciliation/${row.id}`} ff="monospace" fz="sm">
                        {shortId(row.id)}
                      </AppLink>
                    ),
                  },
                  { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
                  {
                    id: 'rows',
                    header: t('buyer.reconcile.rows'),
                    align: 'right',
                    cell: (row) => (
                      <Count value={row.counts.reduce((sum, each) => sum + each.rows, 0)} />
                    ),
                  },
                  {
                    id: 'applied',
                    header: t('buyer.reconcile.applied'),
                    cell: (row) => <When at={row.appliedAt} />,
                  },
                ]}
              />
            )
          }
        </ReadState>
      </Section>
    </Page>
  );
}

function Rows({ id, finding }: { id: string; finding: Finding | null }) {
  const { t } = useTranslation();
  const reason = useReasonText();
  // Where the pages begin that were left behind: a page at a time keeps any file short.
  const [starts, setStarts] = useState<number[]>([]);
  const after = starts.at(-1) ?? null;
  const read = useRead(RowsQuery, { id, finding, first: PAGE, afterRow: after });
  const rows = read.data?.reconciliation?.rows;
  if (read.loading) return <LoadingState />;
  if (rows === undefined) {
    return read.error === undefined ? null : (
      <ErrorState error={read.error} onRetry={read.reload} />
    );
  }
  const last = rows.at(-1)?.row;
  return (
    <>
      {rows.length === 0 ? (
        <EmptyState title={t('common.emptyFiltered')} />
      ) : (
        <SimpleTable
          rows={rows}
          rowKey={(row) => String(row.row)}
          caption={t('buyer.reconcile.differences')}
          columns={[
            { id: 'row', header: t('buyer.sales.row'), align: 'right', cell: (row) => row.row },
            {
              id: 'finding',
              header: t('buyer.reconcile.finding'),
              cell: (row) => (
                <>
                  {t(`enums.ReconciliationFinding.${row.finding}`)}
                  {row.code !== null && (
                    <Text size="xs" c="red.8" title={row.code}>
                      {reason({ code: row.code })}
                    </Text>
                  )}
                </>
              ),
            },
            {
              id: 'reference',
              header: t('shared.externalRef'),
              cell: (row) => row.externalId ?? '–',
            },
            {
              id: 'goal',
              header: t('shared.goal'),
              cell: (row) => t(`enums.GoalKind.${row.goal}`),
            },
            {
              id: 'award',
              header: t('shared.award'),
              cell: (row) => (row.awardId === null ? '–' : <IdLink id={row.awardId} />),
            },
            {
              id: 'amount',
              header: t('buyer.reconcile.inFile'),
              align: 'right',
              cell: (row) => <MoneyText money={row.amount} />,
            },
            {
              id: 'known',
              header: t('buyer.reconcile.here'),
              align: 'right',
              cell: (row) => <MoneyText money={row.knownAmount} />,
            },
            {
              id: 'outcome',
              header: t('buyer.reconcile.outcome'),
              cell: (row) =>
                row.outcome === null ? (
                  row.conversionId === null ? (
                    '–'
                  ) : (
                    <IdLink id={row.conversionId} />
                  )
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
          {rows.length === PAGE && last !== undefined && (
            <Button variant="default" onClick={() => setStarts([...starts, last])}>
              {t('common.more')}
            </Button>
          )}
        </Group>
      </Center>
    </>
  );
}

/** One comparison: how many rows agree, which do not, and what applying it came to. */
export function ReconciliationPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const apply = useAction(Apply);
  const url = useUrlState(['finding']);
  const finding = oneOf(url.filters.finding, enums.ReconciliationFinding) ?? null;
  const read = useRead(OneQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.reconciliation}>
      {(found) => {
        const open = found.counts
          .filter((each) => TO_APPLY.includes(each.finding))
          .reduce((sum, each) => sum + each.rows, 0);
        return (
          <Page
            title={`${t('buyer.reconcile.title')} ${shortId(found.id)}`}
            trail={[{ label: t('buyer.reconcile.title'), to: '/buyer/reconciliation' }]}
            badge={
              <Badge
                variant="light"
                tt="none"
                radius="sm"
                color={found.appliedAt === null ? 'yellow' : 'teal'}
              >
                {t(found.appliedAt === null ? 'buyer.reconcile.dry' : 'buyer.reconcile.applied')}
              </Badge>
            }
            actions={
              found.appliedAt === null && open > 0 && can('REPORT_OUTCOMES') ? (
                <ActionButton
                  title={t('buyer.reconcile.apply')}
                  text={t('buyer.reconcile.applyText', { rows: open })}
                  confirmLabel={t('buyer.reconcile.apply')}
                  action={apply}
                  input={() => ({ id })}
                  done={t('common.done')}
                >
                  {t('buyer.reconcile.apply')}
                </ActionButton>
              ) : null
            }
          >
            {found.appliedAt === null && open === 0 && (
              <Alert color="teal">{t('buyer.reconcile.nothing')}</Alert>
            )}
            <Section>
              <Facts
                cols={4}
                facts={[
                  { label: t('common.id'), value: <Copyable value={found.id} /> },
                  { label: t('common.at'), value: <When at={found.createdAt} /> },
                  found.appliedAt !== null && {
                    label: t('buyer.reconcile.applied'),
                    value: <When at={found.appliedAt} />,
                  },
                  ...found.counts.map((each) => ({
                    label: t(`enums.ReconciliationFinding.${each.finding}`),
                    value: <Count value={each.rows} />,
                  })),
                ]}
              />
            </Section>
            <Section title={t('buyer.reconcile.differences')}>
              <FilterBar>
                <EnumFilter
                  of="ReconciliationFinding"
                  label={t('buyer.reconcile.finding')}
                  value={finding ?? undefined}
                  onChange={(next) => url.setFilter('finding', next)}
                />
              </FilterBar>
              <Rows key={finding ?? ''} id={id} finding={finding} />
            </Section>
          </Page>
        );
      }}
    </ReadState>
  );
}
