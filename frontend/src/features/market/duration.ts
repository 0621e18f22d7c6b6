/** Durations: seconds in the API, "72 hours" for people. */

export type DurationUnit = 'minute' | 'hour' | 'day';

export const UNIT_SECONDS: Record<DurationUnit, number> = { minute: 60, hour: 3600, day: 86400 };

/** The largest unit that shows the duration as a whole number; hours up to two days. */
export function splitDuration(seconds: number): { amount: number; unit: DurationUnit } {
  if (seconds >= 2 * UNIT_SECONDS.day && seconds % UNIT_SECONDS.day === 0) {
    return { amount: seconds / UNIT_SECONDS.day, unit: 'day' };
  }
  if (seconds % UNIT_SECONDS.hour === 0) {
    return { amount: seconds / UNIT_SECONDS.hour, unit: 'hour' };
  }
  return { amount: Math.round(seconds / UNIT_SECONDS.minute), unit: 'minute' };
}

/** `HH:MM` as minutes of the day, or null. */
export function textToMinute(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (!match) return null;
  const hours = Number(match[1]);
  const minutes = Number(match[2]);
  const total = hours * 60 + minutes;
  return minutes < 60 && total <= 1440 ? total : null;
}
