/** Paths of `TermsChange`, by their first part, as keys of the terms table. */
const LABELS: Record<string, TermsLabel> = {
  goals: 'price',
  caps: 'caps',
  publisherCaps: 'publisherCaps',
  overCap: 'overCap',
  pacing: 'pacing',
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
  'duration' | 'share' | 'money' | 'goal' | 'conditions' | 'visibility' | 'plain';

export function changeKind(path: string): ChangeKind {
  const { name, rest } = termOf(path);
  const last = rest.split('.').at(-1) ?? '';
  const field = rest === '' ? name : last;
  if (name === 'conditions' && rest === '') return 'conditions';
  if (field.endsWith('WindowS') || field === 'holdS' || field === 'lockS') return 'duration';
  if (field.endsWith('Bps')) return 'share';
  if (field === 'price' || field === 'earning' || field === 'money') return 'money';
  if (name === 'goals' && !rest.includes('.')) return 'goal';
  return field === 'visibility' ? 'visibility' : 'plain';
}
