import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBps, formatDuration, formatMinute, formatMoney } from '../../lib/format';
import { ConditionList } from './ConditionList';
import type { FieldSpec } from './conditions';
import { capOf, changeKind, percentOf, sharedAmounts, termOf, windowsOf } from './diff';
import { decimalOf } from './money';
import { asDict } from './policy';
import { daysText } from './weekdays';

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
  'CALL',
  'SALE',
  'REGISTRATION',
  'percent',
  'bps',
  'min',
  'max',
  'minCallSeconds',
  'repeatCallerWindowS',
  'callsAtOnce',
  'several',
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
  const money = (minor: string) =>
    formatMoney({ minor, currency, decimal: decimalOf(minor, currency) }, lang);
  const share = (percent: ReturnType<typeof percentOf>) =>
    percent === null
      ? '–'
      : `${formatBps(percent.bps, lang)} ${t('market.terms.bounds', {
          min: money(percent.min),
          max: money(percent.max),
        })}`;
  const limits = (cap: { count: number | null; minor: string | null }) =>
    [
      cap.count === null ? null : t('market.terms.capCount', { leads: cap.count }),
      cap.minor === null ? null : money(cap.minor),
    ]
      .filter((each) => each !== null)
      .join(', ');
  const kind = changeKind(path);
  switch (kind) {
    case 'conditions':
      return <ConditionList conditions={value} fields={fields} />;
    case 'goal': {
      const percent = goalPercent(value);
      if (percent !== null) return share(percent);
      const minor = amountOf(value);
      if (minor !== null) return money(minor);
      break;
    }
    case 'shared': {
      const amounts = sharedAmounts(value);
      if (amounts === null) break;
      if (amounts.length === 0) return '–';
      return amounts.map((each) => (
        <Text key={each.copies} size="sm">
          <b>{money(each.minor)}</b> {t('market.terms.sharedBy', { copies: each.copies })}
        </Text>
      ));
    }
    case 'cap': {
      const cap = capOf(value);
      if (cap !== null) return limits(cap);
      break;
    }
    case 'windows': {
      const windows = windowsOf(value);
      if (windows === null) break;
      if (windows.length === 0) return t('market.terms.always');
      return windows.map((window, index) => (
        <Text key={index} size="sm">
          {daysText(window.days, lang)} {formatMinute(window.fromMinute)}–
          {formatMinute(window.toMinute)}
          {limits(window) !== '' && ` · ${limits(window)}`}
        </Text>
      ));
    }
    case 'visibility':
      if (isVisibility(value)) return t(`enums.Visibility.${value}`);
      break;
    case 'overCap':
      if (value === 'NEXT' || value === 'QUARANTINE') return t(`enums.OverCap.${value}`);
      break;
    case 'pacing':
      if (value === 'NONE' || value === 'EVEN') return t(`enums.Pacing.${value}`);
      break;
    case 'mode':
      if (value === 'INSTANT' || value === 'LIVE') return t(`enums.OfferMode.${value}`);
      break;
    case 'duration':
      if (typeof value === 'number') return formatDuration(value, lang);
      break;
    case 'share':
      if (typeof value === 'number') return formatBps(value, lang);
      break;
    case 'money':
      if (typeof value === 'number') return money(String(value));
      if (percentOf(value) !== null) return share(percentOf(value));
      break;
    case 'plain':
      break;
  }
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no');
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

/** The share that a whole goal pays; a publisher's stands beside its least earning. */
function goalPercent(goal: unknown) {
  const { percent, price } = asDict(goal);
  return percentOf(percent) ?? percentOf(price);
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
