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
}

/** What a version changed, term by term. */
export function ChangeTable({ changes, fields, currency }: Props) {
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
                <TermName path={change.path} />
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
  'count',
  'money',
  'timeZone',
  'windows',
  'holidays',
  'attributionWindowS',
  'reserveBps',
] as const;
type Part = (typeof PARTS)[number];

function TermName({ path }: { path: string }) {
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
      {label === null ? path : t(`market.terms.${label}`)}
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

function isVisibility(value: unknown): value is 'PUBLIC' | 'BY_APPLICATION' | 'PRIVATE' {
  return value === 'PUBLIC' || value === 'BY_APPLICATION' || value === 'PRIVATE';
}
