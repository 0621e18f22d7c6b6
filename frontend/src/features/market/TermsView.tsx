import { List, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBps, formatDuration, formatMinute, formatMoney } from '../../lib/format';
import type { FieldSpec } from './conditions';
import { ConditionList } from './ConditionList';
import { GoalAmount, type ShownPercent } from './GoalAmount';
import { daysText } from './weekdays';

interface MoneyShown {
  minor: string;
  currency: string;
  decimal: string;
}

interface ShownCap {
  period: 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'TOTAL';
  count: number | null;
  money: MoneyShown | null;
}

/** Terms as a buyer (price) or a publisher (earning) may see them. */
export interface ShownTerms {
  goals: readonly {
    kind: 'LEAD' | 'CALL' | 'SALE' | 'REGISTRATION';
    amount: MoneyShown;
    percent?: ShownPercent | null;
    attributionWindowS: number;
    reserveBps?: number;
    minCallSeconds?: number | null;
    repeatCallerWindowS?: number | null;
    callsAtOnce?: number | null;
    several?: boolean;
  }[];
  caps?: readonly ShownCap[];
  publisherCaps?: readonly ShownCap[];
  overCap?: 'NEXT' | 'QUARANTINE' | 'QUEUE';
  pacing?: 'NONE' | 'EVEN';
  mode?: 'INSTANT' | 'LIVE';
  /** What one copy costs, or earns, that several buyers get. */
  sharedAmounts?: readonly { copies: number; amount: MoneyShown }[];
  schedule: {
    timeZone: string;
    windows: readonly { days: readonly number[]; fromMinute: number; toMinute: number }[];
    holidays: readonly string[];
  };
  conditions: unknown;
  minScore: number;
  maxSales: number;
  dedupeWindowS?: number;
  returnWindowS: number;
  holdS: number;
  lockS: number;
  maxReturnShareBps?: number;
  visibility: 'PUBLIC' | 'BY_APPLICATION' | 'PRIVATE';
  priority?: number;
  description: string;
}

interface Props {
  terms: ShownTerms;
  fields: readonly FieldSpec[];
  /** Whether the amounts are what the buyer pays or what the publisher earns. */
  side: 'price' | 'earning';
}

/** All terms of an offer version, one row each. */
export function TermsView({ terms, fields, side }: Props) {
  const { t, i18n } = useTranslation();
  const lang = i18n.language;
  const duration = (seconds: number) =>
    seconds === 0 ? t('market.terms.none') : formatDuration(seconds, lang);
  const rows: [string, ReactNode][] = [
    [
      t(`market.terms.${side}`),
      <Stack key="goals" gap={2}>
        {terms.goals.map((goal) => (
          <Text key={goal.kind} size="sm">
            <GoalAmount amount={goal.amount} percent={goal.percent ?? null} />{' '}
            {t(`market.goal.${goal.kind}`)}
            {goal.attributionWindowS > 0 &&
              ` · ${t('market.terms.attribution', { duration: duration(goal.attributionWindowS) })}`}
            {goal.kind === 'CALL' &&
              (goal.minCallSeconds ?? 0) > 0 &&
              ` · ${t('market.terms.callFrom', { duration: duration(goal.minCallSeconds ?? 0) })}`}
            {goal.kind === 'CALL' &&
              (goal.repeatCallerWindowS ?? 0) > 0 &&
              ` · ${t('market.terms.repeatCaller', { duration: duration(goal.repeatCallerWindowS ?? 0) })}`}
            {goal.kind === 'CALL' &&
              (goal.callsAtOnce ?? 0) > 0 &&
              ` · ${t('market.terms.callsAtOnce', { calls: goal.callsAtOnce })}`}
            {goal.several === true && ` · ${t('market.terms.several')}`}
            {goal.reserveBps !== undefined &&
              goal.reserveBps > 0 &&
              ` · ${t('market.terms.reserve', { share: formatBps(goal.reserveBps, lang) })}`}
          </Text>
        ))}
        {terms.sharedAmounts?.map((shared) => (
          <Text key={shared.copies} size="sm">
            <b>{formatMoney(shared.amount, lang)}</b>{' '}
            {t('market.terms.sharedBy', { copies: shared.copies })}
          </Text>
        ))}
      </Stack>,
    ],
  ];
  if (terms.mode === 'LIVE') {
    rows.push([t('market.terms.mode'), t('enums.OfferMode.LIVE')]);
  }
  if (terms.caps) rows.push([t('market.terms.caps'), <Caps key="caps" caps={terms.caps} />]);
  if (terms.publisherCaps && terms.publisherCaps.length > 0) {
    rows.push([
      t('market.terms.publisherCaps'),
      <Caps key="publisherCaps" caps={terms.publisherCaps} />,
    ]);
  }
  if (terms.pacing === 'EVEN') {
    rows.push([t('market.terms.pacing'), t(`enums.Pacing.${terms.pacing}`)]);
  }
  if (terms.overCap !== undefined && terms.overCap !== 'NEXT') {
    rows.push([t('market.terms.overCap'), t(`enums.OverCap.${terms.overCap}`)]);
  }
  rows.push(
    [t('market.terms.schedule'), <ScheduleText key="schedule" schedule={terms.schedule} />],
    [
      t('market.terms.conditions'),
      <ConditionList key="conditions" conditions={terms.conditions} fields={fields} />,
    ],
    [t('market.terms.minScore'), terms.minScore > 0 ? terms.minScore : t('market.terms.none')],
    [
      t('market.terms.maxSales'),
      terms.maxSales === 1
        ? t('market.terms.exclusive')
        : t('market.terms.shared', { copies: terms.maxSales }),
    ],
  );
  if (terms.dedupeWindowS !== undefined) {
    rows.push([t('market.terms.dedupe'), duration(terms.dedupeWindowS)]);
  }
  rows.push(
    [t('market.terms.returnWindow'), duration(terms.returnWindowS)],
    [t('market.terms.hold'), duration(terms.holdS)],
    [t('market.terms.lock'), duration(terms.lockS)],
  );
  if (terms.maxReturnShareBps !== undefined) {
    rows.push([t('market.terms.maxReturn'), formatBps(terms.maxReturnShareBps, lang)]);
  }
  rows.push([t('market.terms.visibility'), t(`enums.Visibility.${terms.visibility}`)]);
  if (terms.priority !== undefined) rows.push([t('market.terms.priority'), terms.priority]);
  if (terms.description) {
    rows.push([
      t('market.terms.description'),
      <Text key="description" size="sm" style={{ whiteSpace: 'pre-wrap' }}>
        {terms.description}
      </Text>,
    ]);
  }
  return (
    <Table variant="vertical" layout="fixed">
      <Table.Tbody>
        {rows.map(([label, value]) => (
          <Table.Tr key={label}>
            <Table.Th w={{ base: 140, sm: 240 }}>{label}</Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Caps({ caps }: { caps: NonNullable<ShownTerms['caps']> }) {
  const { t, i18n } = useTranslation();
  if (caps.length === 0) return <Text size="sm">{t('market.terms.noCaps')}</Text>;
  return (
    <List size="sm">
      {caps.map((cap) => {
        const limits = [
          cap.count === null ? null : t('market.terms.capCount', { leads: cap.count }),
          cap.money === null ? null : formatMoney(cap.money, i18n.language),
        ];
        return (
          <List.Item key={cap.period}>
            {t(`enums.CapPeriod.${cap.period}`)}: {limits.filter(Boolean).join(', ')}
          </List.Item>
        );
      })}
    </List>
  );
}

/** "Mon–Fri 09:00–18:00 (Europe/Moscow), not on 31 Dec". */
export function ScheduleText({ schedule }: { schedule: ShownTerms['schedule'] }) {
  const { t, i18n } = useTranslation();
  const { windows, holidays, timeZone } = schedule;
  return (
    <Stack gap={2}>
      {windows.length === 0 && <Text size="sm">{t('market.terms.always')}</Text>}
      {windows.map((window) => {
        const key = `${window.days.join()}-${window.fromMinute}-${window.toMinute}`;
        return (
          <Text key={key} size="sm">
            {daysText(window.days, i18n.language)} {formatMinute(window.fromMinute)}–
            {formatMinute(window.toMinute)}
          </Text>
        );
      })}
      {holidays.length > 0 && (
        <Text size="sm">
          {t('market.terms.holidays', {
            days: holidays.map((day) => formatDay(day, i18n.language)).join(', '),
          })}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {timeZone}
      </Text>
    </Stack>
  );
}

function formatDay(day: string, language: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return day;
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(at);
}
