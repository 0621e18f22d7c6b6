/**
 * What the terms being typed change of those in force, as the server will tell it once they are
 * saved: the paths and shapes of core's `offer/diff.rs`.
 */
import type { Goal } from './goalsForm';
import type { MoneyValue, Terms } from './termsForm';

export interface Change {
  path: string;
  before: unknown;
  after: unknown;
}

type Dict = Record<string, unknown>;

const minor = (money: MoneyValue) => Number(money.minor);

/** Amounts as minor units; what is not set is left out. */
function bounds(cap: { count?: number | null; money?: MoneyValue | null }): Dict {
  return { count: cap.count ?? null, money: cap.money == null ? null : minor(cap.money) };
}

function goalPrinted(goal: Goal): Dict {
  const { percent, price } = goal;
  return {
    price:
      percent != null
        ? { bps: percent.bps, min: minor(percent.min), max: minor(percent.max) }
        : price == null
          ? null
          : minor(price),
    attribution_window_s: goal.attributionWindowS ?? 0,
    reserve_bps: goal.reserveBps ?? 0,
    min_call_seconds: goal.minCallSeconds ?? 0,
    repeat_caller_window_s: goal.repeatCallerWindowS ?? 0,
    calls_at_once: goal.callsAtOnce ?? 0,
    several: goal.several ?? false,
  };
}

/** Goals and caps by their kind and period, so that another order is no change. */
function keyed<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
  printed: (item: Item) => Dict,
) {
  return Object.fromEntries(items.map((item) => [key(item), printed(item)]));
}

function printed(terms: Terms): Dict {
  return {
    goals: keyed(terms.goals, (goal) => goal.kind, goalPrinted),
    caps: keyed(terms.caps, (cap) => cap.period, bounds),
    publisher_caps: keyed(terms.publisherCaps, (cap) => cap.period, bounds),
    over_cap: terms.overCap,
    pacing: terms.pacing,
    mode: terms.mode,
    schedule: {
      time_zone: terms.schedule.timeZone,
      windows: terms.schedule.windows.map((window) => ({
        days: window.days,
        from_minute: window.fromMinute,
        to_minute: window.toMinute,
        ...bounds(window),
      })),
      holidays: terms.schedule.holidays,
    },
    conditions: terms.conditions,
    min_score: terms.minScore,
    max_sales: terms.maxSales,
    shared_prices: terms.sharedPrices.map(({ copies, price }) => ({ copies, price: minor(price) })),
    dedupe_window_s: terms.dedupeWindowS,
    return_window_s: terms.returnWindowS,
    hold_s: terms.holdS,
    lock_s: terms.lockS,
    max_return_share_bps: terms.maxReturnShareBps,
    visibility: terms.visibility,
    priority: terms.priority,
    description: terms.description,
  };
}

/** Objects whose keys are kinds or periods are written `goals[LEAD]`. */
const KEYED = ['goals', 'caps', 'publisher_caps'];

function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function walk(path: string, before: unknown, after: unknown, found: Change[]): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  // A share that becomes a sum is one change, not three.
  if (!isDict(before) || !isDict(after)) {
    found.push({ path, before: before ?? null, after: after ?? null });
    return;
  }
  const join = (key: string) => {
    if (path === '') return key;
    return KEYED.includes(path) ? `${path}[${key}]` : `${path}.${key}`;
  };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    walk(join(key), before[key], after[key], found);
  }
}

/** The changes from terms to terms, in the order of the terms' fields. */
export function termsChanges(before: Terms, after: Terms): Change[] {
  const found: Change[] = [];
  walk('', printed(before), printed(after), found);
  return found;
}
