import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBps, formatDuration, formatMoney } from '../../lib/format';
import { ConditionList } from './ConditionList';
import type { FieldSpec } from './conditions';
import { changeKind, termOf } from './diff';
import { decimalOf } from './money';

interface Change {
  path: string;
  before: unknown;
  after: unknown;
}

interface Props {
  changes: readonly Change[];
  fields: readonly FieldSpec[];
  currency: string;
  /** Whether goals are seen as what the buyer pays or as what the publisher earns. */
  side?: 'price' | 'earning';
}

/** What a version changed, term by term. */
export function ChangeTable({ changes, fields, currency, side = 'price' }: Props) {
  const { t } = useTranslation();
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('market.diff.none')}
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table aria-label={t('market.diff.title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('market.diff.term')}</Table.Th>
            <Table.Th>{t('common.before')}</Table.Th>
            <Table.Th>{t('common.after')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map((change) => (
            <Table.Tr key={change.path}>
              <Table.Td>
                <TermName path={change.path} side={side} />
              </Table.Td>
              <Table.Td>
                <Side
                  value={change.before}
                  path={change.path}
                  fields={fields}
                  currency={currency}
                />
              </Table.Td>
              <Table.Td>
                <Side value={change.after} path={change.path} fields={fields} currency={currency} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const PARTS = [
  'LEAD',
  'SALE',
  'HOUR',
  'DAY',
  'WEEK',
  'MONTH',
  'TOTAL',
  'price',
  'earning',
  'count',
  'money',
  'timeZone',
  'windows',
  'holidays',
  'attributionWindowS',
  'reserveBps',
] as const;
type Part = (typeof PARTS)[number];

function TermName({ path, side }: { path: string; side: 'price' | 'earning' }) {
  const { t } = useTranslation();
  const { label, rest } = termOf(path);
  const parts = rest
    .split('.')
    .filter(Boolean)
    .map((part) =>
      (PARTS as readonly string[]).includes(part) ? t(`market.diff.part.${part as Part}`) : part,
    );
  return (
    <>
      {label === null ? path : t(`market.terms.${label === 'price' ? side : label}`)}
      {parts.length > 0 && (
        <Text size="xs" c="dimmed">
          {parts.join(' · ')}
        </Text>
      )}
    </>
  );
}

function Side({
  value,
  path,
  fields,
  currency,
}: {
  value: unknown;
  path: string;
  fields: readonly FieldSpec[];
  currency: string;
}): ReactNode {
  const { t, i18n } = useTranslation();
  if (value === null || value === undefined) return <Text c="dimmed">–</Text>;
  const lang = i18n.language;
  const kind = changeKind(path);
  if (kind === 'conditions') return <ConditionList conditions={value} fields={fields} />;
  if (kind === 'goal') {
    const minor = amountOf(value);
    if (minor !== null) {
      return formatMoney({ minor, currency, decimal: decimalOf(minor, currency) }, lang);
    }
  }
  if (kind === 'visibility' && isVisibility(value)) return t(`enums.Visibility.${value}`);
  if (typeof value === 'number') {
    switch (kind) {
      case 'duration':
        return formatDuration(value, lang);
      case 'share':
        return formatBps(value, lang);
      case 'money': {
        const minor = String(value);
        return formatMoney({ minor, currency, decimal: decimalOf(minor, currency) }, lang);
      }
      case 'goal':
      case 'visibility':
      case 'plain':
        return value;
    }
  }
  if (typeof value === 'string') return value === '' ? '–' : value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) {
    return value.length === 0 ? '–' : value.join(', ');
  }
  return (
    <Text component="code" size="xs" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
      {JSON.stringify(value)}
    </Text>
  );
}

/** What a whole goal pays, in minor units. */
function amountOf(goal: unknown): string | null {
  if (typeof goal !== 'object' || goal === null) return null;
  const amount = 'earning' in goal ? goal.earning : 'price' in goal ? goal.price : null;
  return typeof amount === 'number' ? String(amount) : null;
}

function isVisibility(value: unknown): value is 'PUBLIC' | 'BY_APPLICATION' | 'PRIVATE' {
  return value === 'PUBLIC' || value === 'BY_APPLICATION' || value === 'PRIVATE';
}
