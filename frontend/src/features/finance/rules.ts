import { currencyDigits, type MoneyValue } from '../../lib/format';
import { decimalOf } from '../market/money';
import { pickerText } from '../orders/rules';

/** The most digits after the point of a rate. */
const DIGITS = 12;
const MOST = 2n ** 63n - 1n;

/** A rate: a whole number over a power of ten. */
interface Rate {
  digits: bigint;
  scale: number;
}

/** Reads a rate as the server does: digits with a point or a comma; null for what is no rate. */
export function parseRate(text: string): Rate | null {
  const match = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim());
  if (match === null) return null;
  const part = match[2] ?? '';
  if (part.length > DIGITS) return null;
  const digits = BigInt(`${match[1] ?? ''}${part}`);
  return digits > 0n && digits < 2n ** 64n ? { digits, scale: part.length } : null;
}

/** The quotient of two numbers that are not negative, rounded half to even. */
function halfEven(number: bigint, by: bigint): bigint {
  const whole = number / by;
  const twice = (number % by) * 2n;
  return twice > by || (twice === by && whole % 2n === 1n) ? whole + 1n : whole;
}

/**
 * What a sum is worth in another currency, for a preview: the server decides. Null where it would be
 * worth nothing or too much.
 */
export function converted(minor: string, from: string, to: string, rate: Rate): MoneyValue | null {
  const up = 10n ** BigInt(currencyDigits(to));
  const down = 10n ** BigInt(currencyDigits(from) + rate.scale);
  const worth = halfEven(BigInt(minor) * rate.digits * up, down);
  if (worth <= 0n || worth >= MOST) return null;
  return { minor: String(worth), currency: to, decimal: decimalOf(String(worth), to) };
}

/** The newest limit of a currency among changes, newest first; null when it was never set. */
export function limitNow(
  changes: readonly { after: MoneyValue }[],
  currency: string,
): MoneyValue | null {
  return changes.find((change) => change.after.currency === currency)?.after ?? null;
}

/** The first instant of the month so many months ago, as the picker writes it: in local time. */
export function monthStart(monthsAgo: number, now: Date): string {
  return pickerText(new Date(now.getFullYear(), now.getMonth() - monthsAgo, 1));
}
