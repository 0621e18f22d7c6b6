/**
 * Formatting only: amounts and instants arrive finished from the server; nothing here computes
 * with money.
 */
export interface MoneyValue {
  minor: string;
  currency: string;
  decimal: string;
}

export function formatMoney(money: MoneyValue, language: string): string {
  try {
    // Intl takes a decimal string as it is, so large amounts lose no digit.
    return new Intl.NumberFormat(language, { style: 'currency', currency: money.currency }).format(
      money.decimal as `${number}`,
    );
  } catch {
    return `${money.decimal} ${money.currency}`;
  }
}

/** Digits after the point in a currency: 2 for RUB, 0 for JPY. */
export function currencyDigits(currency: string): number {
  try {
    const options = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
    return options.maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/**
 * What a person typed ("1 250,50") as minor units ("125050"), or null when it is no amount in
 * this currency. Works on text only.
 */
export function parseMoney(text: string, currency: string): string | null {
  const digits = currencyDigits(currency);
  const match = /^(\d+)(?:[.,](\d+))?$/.exec(text.replace(/[\s\u00a0\u202f]/g, ''));
  if (match === null) return null;
  const fraction = match[2] ?? '';
  if (fraction.length > digits) return null;
  const minor = `${match[1] ?? ''}${fraction.padEnd(digits, '0')}`.replace(/^0+(?=\d)/, '');
  return minor.length > 18 ? null : minor;
}

export function formatNumber(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

/** Basis points as percent: 1250 → 12.5 %. */
export function formatBps(bps: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(
    bps / 10_000,
  );
}

export function formatDateTime(iso: string, language: string, seconds = false): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const timeStyle = seconds ? 'medium' : 'short';
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle }).format(at);
}

export function formatDate(iso: string, language: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(at);
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

function inUnit(value: number, unit: string, language: string): string {
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
  }).format(value);
}

/** A length of time in its two largest units: 90000 → "1 day 1 hr". */
export function formatDuration(seconds: number, language: string): string {
  if (seconds <= 0) return inUnit(0, 'second', language);
  const parts: string[] = [];
  let rest = seconds;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0 && parts.length < 2) {
      parts.push(inUnit(count, unit, language));
      rest -= count * size;
    }
  }
  return parts.join(' ');
}

/** "in 3 hours" or "2 days ago", from now. */
export function formatRelative(iso: string, now: number, language: string): string {
  const difference = (new Date(iso).getTime() - now) / 1000;
  const size = Math.abs(difference);
  const [unit, length] = UNITS.find(([, each]) => size >= each) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(
    Math.round(difference / length),
    unit,
  );
}

/** Minutes of a day as a clock time: 1440 → "24:00". */
export function formatMinute(minute: number): string {
  const hours = Math.floor(minute / 60);
  return `${String(hours).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** A JSON value as a person reads it: text without quotes. */
export function plainValue(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}
