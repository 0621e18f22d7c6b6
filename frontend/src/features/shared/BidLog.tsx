import { Badge, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../components/DataTable';
import { Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { MoneyText, useWord } from '../../components/text';
import { MoneyFields } from '../../lib/fragments';
import { type FragmentOf, graphql } from '../../lib/graphql';
import type { FieldSpec } from '../market/conditions';
import { useReasonText } from './reasons';
import { useSentence } from './sentences';
import { traceSentence } from './trace';

export const traceFields = graphql(
  `
    fragment TraceFields on TraceEntry @_unmask {
      offerId
      offerName
      versionId
      outcome
      code
      rank
      need
      group
      effectiveBid {
        ...MoneyFields
      }
      price {
        ...MoneyFields
      }
      detail
    }
  `,
  [MoneyFields],
);

type TraceRow = FragmentOf<typeof traceFields>;

const OUTCOMES = ['WON', 'LOST', 'EXCLUDED'];

/** Winners, then losers by rank, then those that could not buy. */
function inOrder(trace: readonly TraceRow[]): TraceRow[] {
  const place = (row: TraceRow) => OUTCOMES.indexOf(row.outcome);
  return [...trace].sort(
    (left, right) => place(left) - place(right) || (left.rank ?? 1e9) - (right.rank ?? 1e9),
  );
}

interface Props {
  trace: readonly TraceRow[];
  /** Of the niche. */
  fields: readonly FieldSpec[];
  currency: string;
  score: number;
}

/** The bid log: every offer that was considered, in rank order, and why it won or not. */
export function BidLog({ trace, fields, currency, score }: Props) {
  const { t } = useTranslation();
  const reason = useReasonText();
  const sentence = useSentence(fields);
  const word = useWord();
  const rows = inOrder(trace);
  const grouped = rows.some((row) => row.group !== null);
  const why = (row: TraceRow): string => {
    if (row.outcome === 'WON' && row.detail === 'ORDER') return t('shared.byOrder');
    const told = traceSentence(row, currency, score);
    if (told !== null) return sentence(told);
    if (row.code !== null) return reason({ code: row.code });
    return row.detail;
  };
  return (
    <Section title={t('shared.trace')}>
      {rows.length === 0 ? (
        <EmptyState title={t('shared.noTrace')} />
      ) : (
        <SimpleTable
          rows={rows}
          rowKey={(row) => row.versionId}
          caption={t('shared.trace')}
          columns={[
            {
              id: 'rank',
              header: t('shared.rank'),
              align: 'right',
              cell: (row) => row.rank ?? '–',
            },
            ...(grouped
              ? [
                  {
                    id: 'group',
                    header: t('shared.group'),
                    align: 'right' as const,
                    cell: (row: TraceRow) => row.group ?? '–',
                  },
                ]
              : []),
            {
              id: 'offer',
              header: t('shared.offer'),
              cell: (row) => <IdLink id={row.offerId}>{row.offerName}</IdLink>,
            },
            {
              id: 'outcome',
              header: t('shared.outcome'),
              cell: (row) => (
                <Badge
                  variant="light"
                  tt="none"
                  color={row.outcome === 'WON' ? 'teal' : row.outcome === 'LOST' ? 'blue' : 'gray'}
                >
                  {word('outcomes', row.outcome)}
                </Badge>
              ),
            },
            {
              id: 'why',
              header: t('shared.why'),
              cell: (row) => (
                <Text size="sm" {...(row.code === null ? {} : { title: row.code })}>
                  {why(row)}
                </Text>
              ),
            },
            {
              id: 'price',
              header: t('shared.price'),
              align: 'right',
              cell: (row) => <MoneyText money={row.price} />,
            },
            {
              id: 'bid',
              header: t('shared.effectiveBid'),
              align: 'right',
              cell: (row) => <MoneyText money={row.effectiveBid} />,
            },
          ]}
        />
      )}
    </Section>
  );
}
