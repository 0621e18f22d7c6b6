/** The part of a niche's policy that people read in words. A rule that is not there is null. */
export interface PolicyShown {
  keySets: string[][];
  dedupeMode: 'ANY' | 'ALL' | null;
  dedupeScope: 'NICHE' | 'EXCHANGE' | 'BUYER' | 'OFFER' | null;
  dedupeWindowS: number | null;
  maxReturnWindowS: number | null;
  answerS: number | null;
  decideS: number | null;
  onSilence: 'ACCEPT' | 'CONTEST' | null;
  /** Minor units of the niche's currency. */
  priceFloor: string | null;
  consentRequired: boolean | null;
  contactRetentionS: number | null;
  strategy: Strategy;
}

export const STRATEGIES = ['AUCTION', 'PRIORITY', 'ROUND_ROBIN', 'WEIGHTED', 'WATERFALL'] as const;
export type Strategy = (typeof STRATEGIES)[number];

type Dict = Record<string, unknown>;

export function asDict(value: unknown): Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Dict)
    : {};
}

/** A value of a closed list, or null. */
export function oneOfList<Value extends string>(
  value: unknown,
  list: readonly Value[],
): Value | null {
  return list.find((each) => each === value) ?? null;
}

/** A whole number, also where it arrives as text. */
export function wholeOf(value: unknown): number | null {
  const n = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof n === 'number' && Number.isInteger(n) ? n : null;
}

function keySets(value: unknown): string[][] {
  if (!Array.isArray(value)) return [];
  return value.map((set) =>
    Array.isArray(set) ? set.filter((name): name is string => typeof name === 'string') : [],
  );
}

export function readPolicy(policy: unknown): PolicyShown {
  const rules = asDict(policy);
  const dedupe = asDict(rules.dedupe);
  const floor = wholeOf(rules.price_floor);
  return {
    keySets: keySets(dedupe.key_sets),
    dedupeMode: oneOfList(dedupe.mode, ['ANY', 'ALL'] as const),
    dedupeScope: oneOfList(dedupe.scope, ['NICHE', 'EXCHANGE', 'BUYER', 'OFFER'] as const),
    dedupeWindowS: wholeOf(dedupe.window_s),
    maxReturnWindowS: wholeOf(rules.max_return_window_s),
    answerS: wholeOf(rules.dispute_answer_s),
    decideS: wholeOf(rules.dispute_decide_s),
    onSilence: oneOfList(rules.on_silence, ['ACCEPT', 'CONTEST'] as const),
    priceFloor: floor === null ? null : String(floor),
    consentRequired: typeof rules.consent_required === 'boolean' ? rules.consent_required : null,
    contactRetentionS: wholeOf(rules.contact_retention_s),
    strategy: oneOfList(asDict(rules.routing).strategy, STRATEGIES) ?? 'AUCTION',
  };
}
