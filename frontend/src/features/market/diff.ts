import { asDict, wholeOf } from './policy';

/** Paths of `TermsChange`, by their first part, as keys of the terms table. */
const LABELS: Record<string, TermsLabel> = {
  goals: 'price',
  caps: 'caps',
  publisherCaps: 'publisherCaps',
  overCap: 'overCap',
  pacing: 'pacing',
  mode: 'mode',
  sharedPrices: 'sharedPrices',
  schedule: 'schedule',
  conditions: 'conditions',
  minScore: 'minScore',
  maxSales: 'maxSales',
  dedupeWindowS: 'dedupe',
  returnWindowS: 'returnWindow',
  holdS: 'hold',
  lockS: 'lock',
  maxReturnShareBps: 'maxReturn',
  visibility: 'visibility',
  priority: 'priority',
  description: 'description',
};

export type TermsLabel =
  | 'price'
  | 'caps'
  | 'publisherCaps'
  | 'overCap'
  | 'pacing'
  | 'mode'
  | 'sharedPrices'
  | 'schedule'
  | 'conditions'
  | 'minScore'
  | 'maxSales'
  | 'dedupe'
  | 'returnWindow'
  | 'hold'
  | 'lock'
  | 'maxReturn'
  | 'visibility'
  | 'priority'
  | 'description';

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The term that a path of a change belongs to, and the rest of the path. */
export function termOf(path: string): { label: TermsLabel | null; name: string; rest: string } {
  const parts = path
    .replace(/\[(\w+)\]/g, '.$1')
    .split(/[./]/)
    .filter(Boolean);
  const [first = '', ...rest] = parts;
  const name = camel(first);
  return { label: LABELS[name] ?? null, name, rest: rest.map(camel).join('.') };
}

/** How a side of a change is to be shown. */
export type ChangeKind =
  | 'duration'
  | 'share'
  | 'money'
  | 'goal'
  | 'cap'
  | 'shared'
  | 'windows'
  | 'conditions'
  | 'visibility'
  | 'overCap'
  | 'pacing'
  | 'mode'
  | 'plain';

export function changeKind(path: string): ChangeKind {
  const { name, rest } = termOf(path);
  const last = rest.split('.').at(-1) ?? '';
  const field = rest === '' ? name : last;
  if (name === 'conditions' && rest === '') return 'conditions';
  if (field === 'minCallSeconds') return 'duration';
  if (field.endsWith('WindowS') || field === 'holdS' || field === 'lockS') return 'duration';
  if (field.endsWith('Bps') || field === 'bps') return 'share';
  if (['price', 'earning', 'money', 'percent', 'min', 'max'].includes(field)) return 'money';
  if (name === 'goals' && !rest.includes('.')) return 'goal';
  if ((name === 'caps' || name === 'publisherCaps') && !rest.includes('.')) return 'cap';
  if (name === 'sharedPrices' && rest === '') return 'shared';
  if (name === 'schedule' && rest === 'windows') return 'windows';
  return field === 'visibility' || field === 'overCap' || field === 'pacing' || field === 'mode'
    ? field
    : 'plain';
}

/** A share of a sale within bounds, as a diff holds it. */
export function percentOf(value: unknown): { bps: number; min: string; max: string } | null {
  const { bps, min, max } = asDict(value);
  const [least, most] = [wholeOf(min), wholeOf(max)];
  if (typeof bps !== 'number' || least === null || most === null) return null;
  return { bps, min: String(least), max: String(most) };
}

/** What one of several copies pays or earns, as a diff holds it; null when it is something else. */
export interface SharedAmount {
  copies: number;
  /** Minor units. */
  minor: string;
}

export function sharedAmounts(value: unknown): SharedAmount[] | null {
  if (!Array.isArray(value)) return null;
  const found = value.map((each) => {
    const { copies, price, earning } = asDict(each);
    const minor = wholeOf(earning ?? price);
    return typeof copies === 'number' && minor !== null ? { copies, minor: String(minor) } : null;
  });
  return found.every((each) => each !== null) ? found : null;
}

/** A cap as a diff holds it. */
export function capOf(value: unknown): { count: number | null; minor: string | null } | null {
  const { count, money } = asDict(value);
  const minor = wholeOf(money);
  const whole = wholeOf(count);
  if (minor === null && whole === null) return null;
  return { count: whole, minor: minor === null ? null : String(minor) };
}

export interface WindowShown {
  days: number[];
  fromMinute: number;
  toMinute: number;
  count: number | null;
  minor: string | null;
}

/** The windows of a schedule as a diff holds them. */
export function windowsOf(value: unknown): WindowShown[] | null {
  if (!Array.isArray(value)) return null;
  const found = value.map((each): WindowShown | null => {
    const window = asDict(each);
    const from = wholeOf(window.from_minute);
    const to = wholeOf(window.to_minute);
    if (!Array.isArray(window.days) || from === null || to === null) return null;
    const days = window.days.filter((day): day is number => typeof day === 'number');
    const cap = capOf(window);
    return { days, fromMinute: from, toMinute: to, count: null, minor: null, ...cap };
  });
  return found.every((each) => each !== null) ? found : null;
}
