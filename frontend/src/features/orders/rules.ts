import type { MoneyValue } from '../../lib/format';
import { decimalOf } from '../market/money';

/** The most leads that one order is for. */
export const MOST_LEADS = 100_000;

interface Terms {
  mode: string;
  goals: readonly { kind: string; price: MoneyValue }[];
}

/**
 * The price of a lead under terms that can be ordered: those that pay for the lead alone and ask no
 * live buyer. Null for all others.
 */
export function orderablePrice(terms: Terms | null | undefined): MoneyValue | null {
  if (terms == null || terms.mode !== 'INSTANT') return null;
  const [goal, ...others] = terms.goals;
  return goal?.kind === 'LEAD' && others.length === 0 ? goal.price : null;
}

/** What so many leads cost, or bring. */
export function times({ minor, currency }: { minor: string; currency: string }, leads: number) {
  const sum = String(BigInt(minor) * BigInt(leads));
  return { minor: sum, currency, decimal: decimalOf(sum, currency) };
}

/** Whether free money is enough for a sum of the same currency. */
export function covers(free: MoneyValue, sum: MoneyValue): boolean {
  return BigInt(free.minor) >= BigInt(sum.minor);
}

/** A whole number of leads from an input, or null. */
export function leadsOf(value: string | number, most: number): number | null {
  const leads = typeof value === 'number' ? value : value.trim() === '' ? NaN : Number(value);
  return Number.isInteger(leads) && leads >= 1 && leads <= most ? leads : null;
}

/** An instant as the picker writes it: in local time, to the second. */
export function pickerText(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** So many days from then, as the picker writes it. */
export function daysFrom(days: number, now: Date): string {
  const at = new Date(now);
  at.setDate(at.getDate() + days);
  return pickerText(at);
}

const PARTS = ['delivered', 'claimed', 'unclaimed', 'released'] as const;
export type Part = (typeof PARTS)[number];

/** What became of the ordered leads, each part with its share of the bar in percent. */
export function parts(order: Record<Part | 'wanted', number>) {
  return PARTS.map((name) => ({
    name,
    count: order[name],
    share: order.wanted > 0 ? (order[name] / order.wanted) * 100 : 0,
  })).filter(({ name, count }) => count > 0 || name === 'delivered');
}

/**
 * Whether a publisher who sees the order may claim a part of it: something is left, in time, and it
 * has no open claim on it yet.
 */
export function isClaimable(
  order: {
    state: string;
    unclaimed: number;
    deadline: string;
    claims: readonly { state: string }[];
  },
  now: number,
): boolean {
  return (
    order.state === 'OPEN' &&
    order.unclaimed > 0 &&
    new Date(order.deadline).getTime() > now &&
    !order.claims.some((claim) => claim.state === 'OPEN')
  );
}
