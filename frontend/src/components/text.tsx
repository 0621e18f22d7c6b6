import { Text, type TextProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import {
  formatBps,
  formatDate,
  formatDateTime,
  formatDuration,
  formatMoney,
  formatNumber,
  formatRelative,
  type MoneyValue,
} from '../lib/format';
import { IdLink } from './links';

const DASH = '–';

/** An amount as the server gave it. */
export function MoneyText({
  money,
  ...rest
}: { money: MoneyValue | null | undefined } & TextProps) {
  const { i18n } = useTranslation();
  if (money == null)
    return (
      <Text span {...rest}>
        {DASH}
      </Text>
    );
  const negative = money.minor.startsWith('-');
  return (
    <Text
      span
      inherit
      style={{ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}
      {...(negative ? { c: 'red.8' } : {})}
      {...rest}
    >
      {formatMoney(money, i18n.language)}
    </Text>
  );
}

/** Several amounts, one per currency. */
export function MoneyList({ amounts }: { amounts: readonly MoneyValue[] }) {
  if (amounts.length === 0) return <>{DASH}</>;
  return (
    <>
      {amounts.map((money) => (
        <div key={money.currency}>
          <MoneyText money={money} />
        </div>
      ))}
    </>
  );
}

/** An instant in the reader's zone; the exact one is in the title. */
export function When({
  at,
  day = false,
  seconds = false,
}: {
  at: string | null | undefined;
  day?: boolean;
  seconds?: boolean;
}) {
  const { i18n } = useTranslation();
  if (at == null) return <>{DASH}</>;
  return (
    <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
      {day ? formatDate(at, i18n.language) : formatDateTime(at, i18n.language, seconds)}
    </time>
  );
}

/** An instant and how far away it is. */
export function Deadline({ at }: { at: string | null | undefined }) {
  const { i18n } = useTranslation();
  if (at == null) return <>{DASH}</>;
  const now = Date.now();
  const passed = new Date(at).getTime() < now;
  return (
    <span>
      <When at={at} />{' '}
      <Text span size="xs" c={passed ? 'dimmed' : 'orange'} style={{ whiteSpace: 'nowrap' }}>
        {formatRelative(at, now, i18n.language)}
      </Text>
    </span>
  );
}

export function Duration({ seconds }: { seconds: number }) {
  const { i18n } = useTranslation();
  return <>{formatDuration(seconds, i18n.language)}</>;
}

export function Percent({ bps }: { bps: number | null | undefined }) {
  const { i18n } = useTranslation();
  return <>{bps == null ? DASH : formatBps(bps, i18n.language)}</>;
}

export function Count({ value }: { value: number }) {
  const { i18n } = useTranslation();
  return <>{formatNumber(value, i18n.language)}</>;
}

/** A word of the API that is no enum: translated when known, else as it is. */
export function useWord(): (section: 'rails' | 'parts' | 'outcomes', value: string) => string {
  const { t, i18n } = useTranslation();
  return (section, value) => {
    const key = `shared.${section}.${value}`;
    return i18n.exists(key) ? (t as unknown as (key: string) => string)(key) : value;
  };
}

/** Who acted: the exchange itself, or a person or key by id. */
export function Actor({ name }: { name: string }) {
  const { t } = useTranslation();
  if (name === 'system' || name === 'exchange') return <>{t('shared.exchange')}</>;
  return /^[a-z]{3,4}_[0-9a-z]{26}$/.test(name) ? <IdLink id={name} /> : <>{name}</>;
}

/** A text in both languages, in the reader's. */
export function useLocalized(): (text: { en: string; ru: string }) => string {
  const { i18n } = useTranslation();
  return (text) => (i18n.language.startsWith('ru') ? text.ru : text.en);
}
