import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

export interface Weekday {
  /** ISO day, Monday = 1. */
  day: number;
  short: string;
}

/** ISO days with their short names in a language. */
export function weekdays(language: string): Weekday[] {
  const format = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
  // 2024-01-01 was a Monday.
  return [1, 2, 3, 4, 5, 6, 7].map((day) => ({
    day,
    short: format.format(Date.UTC(2024, 0, day)),
  }));
}

export function useWeekdays(): Weekday[] {
  const { i18n } = useTranslation();
  return useMemo(() => weekdays(i18n.language), [i18n.language]);
}

/** `[1,2,3,5]` → "Mon–Wed, Fri". */
export function daysText(days: readonly number[], language: string): string {
  const names = new Map(weekdays(language).map(({ day, short }) => [day, short]));
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const day of sorted) {
    const last = runs.at(-1);
    if (last?.[1] === day - 1) last[1] = day;
    else runs.push([day, day]);
  }
  return runs
    .map(([from, to]) => {
      const ends = [names.get(from) ?? '', names.get(to) ?? ''];
      if (from === to) return ends[0];
      return ends.join(to === from + 1 ? ', ' : '–');
    })
    .join(', ');
}
