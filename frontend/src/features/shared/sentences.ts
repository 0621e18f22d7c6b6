import { useTranslation } from 'react-i18next';
import { useLocalized } from '../../components/text';
import { formatDateTime, formatDuration, formatMoney, formatNumber } from '../../lib/format';
import type { MoneyValue } from '../../lib/format';
import type { FieldSpec } from '../market/conditions';

/** A fact of a sentence: exactly one of its values is there. */
export interface Fact {
  name: string;
  money?: MoneyValue | null;
  count?: number | null;
  text?: string | null;
  at?: string | null;
}

/** A sentence as a code with facts. */
export interface Sentence {
  code: string;
  facts: readonly Fact[];
}

/**
 * The key of the sentence: a code whose facts are not all there has a shorter one, named by the
 * facts that it has (`NEEDS_ROOM`, `NEEDS_ROOM_cap`, `NEEDS_ROOM_cap_at`).
 */
export function sentenceKeys(one: Sentence): string[] {
  const names = one.facts.map((fact) => fact.name);
  const keys = names.map((_, i) => [one.code, ...names.slice(0, names.length - i)].join('_'));
  return [...keys, one.code].map((key) => `shared.explain.${key}`);
}

const UNITS: Record<string, number> = { D: 86_400, H: 3_600, M: 60, S: 1 };

/**
 * The fields of a key set as the server names it (`FIRST_NAME_PHONE`), or null when they are not
 * the niche's: names may hold the sign that joins them, so every way is tried.
 */
export function setFields(name: string, fields: readonly FieldSpec[]): FieldSpec[] | null {
  if (name === '') return [];
  for (const field of fields) {
    const own = field.name.toUpperCase();
    if (name !== own && !name.startsWith(`${own}_`)) continue;
    const rest = setFields(name.slice(own.length + 1), fields);
    if (rest !== null) return [field, ...rest];
  }
  return null;
}

/** Turns codes with facts into sentences of the reader's language. */
export function useSentence(fields: readonly FieldSpec[]): (one: Sentence) => string {
  const { t, i18n } = useTranslation();
  const localized = useLocalized();
  const lang = i18n.language;
  const translate = t as unknown as (key: string, values?: Record<string, string>) => string;
  const named = (name: string, text: string): string => {
    if (name === 'cap') {
      const key = `shared.explain.cap.${text}`;
      return i18n.exists(key) ? translate(key) : text;
    }
    if (name === 'set') {
      const [, set = '', amount = '', unit = ''] = /^(\w+) within (\d+)([DHMS])$/.exec(text) ?? [];
      const found = set === '' ? null : setFields(set, fields);
      if (found === null) return text;
      const names = found.map((field) => localized(field.label)).join(' + ');
      return `${names}, ${formatDuration(Number(amount) * (UNITS[unit] ?? 1), lang)}`;
    }
    const spec = name === 'field' ? fields.find((field) => field.name === text) : undefined;
    return spec ? localized(spec.label) : text;
  };
  return (one) => {
    const values: Record<string, string> = {};
    for (const { name, money, count, at, text } of one.facts) {
      if (money != null) values[name] = formatMoney(money, lang);
      else if (count != null) values[name] = formatNumber(count, lang);
      else if (at != null) values[name] = formatDateTime(at, lang);
      else if (text != null) values[name] = named(name, text);
    }
    const key = sentenceKeys(one).find((each) => i18n.exists(each));
    return key === undefined ? one.code : translate(key, values);
  };
}
