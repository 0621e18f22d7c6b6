import { currencyDigits } from '../../lib/format';

/** `"125050"` in RUB → `"1250.50"`, as an input shows it; whole amounts without a fraction. */
export function minorToText(minor: string, currency: string): string {
  return decimalOf(minor, currency).replace(/\.0+$/, '');
}

/** `"125050"` in RUB → `"1250.50"`, always with all digits, as the API writes decimals. */
export function decimalOf(minor: string, currency: string): string {
  const digits = currencyDigits(currency);
  if (digits === 0) return minor;
  const sign = minor.startsWith('-') ? '-' : '';
  const padded = minor.slice(sign.length).padStart(digits + 1, '0');
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}
