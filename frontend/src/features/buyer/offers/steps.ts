/** The steps of the offer form, in order. */
export const STEPS = ['niche', 'goals', 'leads', 'caps', 'review'] as const;
export type Step = (typeof STEPS)[number];

/** Which fields of the form stand in which step, by the first part of their path. */
const FIELDS: Record<Exclude<Step, 'review'>, readonly string[]> = {
  niche: ['name'],
  goals: [
    'goals',
    'lead',
    'call',
    'sale',
    'registration',
    'maxSales',
    'mode',
    'sharedPrices',
    'returnWindowS',
    'holdS',
    'lockS',
    'maxReturnPercent',
  ],
  leads: [
    'conditions',
    'minScore',
    'dedupeWindowS',
    'timeZone',
    'windows',
    'holidays',
    'visibility',
    'priority',
    'description',
  ],
  caps: ['caps', 'publisherCaps', 'pacing', 'overCap'],
};

/** The step in which a path of the form is shown; null for one that no step shows. */
export function stepOf(path: string): Step | null {
  const [first = ''] = path.split('.');
  return STEPS.find((step) => step !== 'review' && FIELDS[step].includes(first)) ?? null;
}

/** The steps in which something is wrong, in order. */
export function stepsOf(paths: readonly string[]): Step[] {
  const found = new Set(paths.map(stepOf));
  return STEPS.filter((step) => found.has(step));
}
