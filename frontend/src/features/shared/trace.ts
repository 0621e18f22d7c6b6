import type { MoneyValue } from '../../lib/format';
import { decimalOf } from '../market/money';
import { wholeOf } from '../market/policy';
import type { Fact, Sentence } from './sentences';

/** A line of the bid log. */
export interface TraceLine {
  outcome: string;
  code: string | null;
  rank: number | null;
  detail: string;
  /** Missing money and offered earnings in minor units, or a wanted score. */
  need: unknown;
  group: number | null;
}

/** What a refusal of the allocation means; a test compares it with core's own table. */
export const MEANINGS: Record<string, string> = {
  NO_OFFER_FUNDED: 'NEEDS_FUNDS',
  OFFER_CAPPED: 'NEEDS_ROOM',
  OFFER_BUSY: 'NEEDS_ROOM',
  PUBLISHER_CAPPED: 'NEEDS_PUBLISHER_ROOM',
  OFFER_PACED: 'NEEDS_PACE',
  BUYER_HAS_PERSON: 'NEEDS_OTHER_PERSON',
  OFFER_CLOSED_NOW: 'NEEDS_HOUR',
  MIN_EARNING: 'NEEDS_LOWER_ASK',
  SCORE_TOO_LOW: 'NEEDS_SCORE',
  CONDITION_FAILED: 'NEEDS_FIELD',
  NOT_APPROVED: 'NEEDS_APPROVAL',
  NOT_TARGETED: 'NEEDS_TARGET',
};

/**
 * Why an offer bought or did not, as a sentence; null for a code that has none of its own here.
 * `score` is the lead's.
 */
export function traceSentence(line: TraceLine, currency: string, score: number): Sentence | null {
  const rank: Fact[] = line.rank === null ? [] : [{ name: 'rank', count: line.rank }];
  if (line.outcome === 'WON') return { code: 'TRACE_WON', facts: rank };
  if (line.code === null) return null;
  if (line.outcome === 'LOST') return { code: `TRACE_${line.code}`, facts: rank };
  const code = MEANINGS[line.code];
  return code === undefined ? null : { code, facts: needed(code, line, currency, score) };
}

function needed(code: string, line: TraceLine, currency: string, score: number): Fact[] {
  const need = wholeOf(line.need);
  const money = (minor: number): MoneyValue => ({
    minor: String(minor),
    currency,
    decimal: decimalOf(String(minor), currency),
  });
  const text = (name: string): Fact[] => (line.detail === '' ? [] : [{ name, text: line.detail }]);
  switch (code) {
    case 'NEEDS_FUNDS':
      return need === null ? [] : [{ name: 'missing', money: money(need) }];
    case 'NEEDS_LOWER_ASK':
      return need === null ? [] : [{ name: 'earning', money: money(need) }];
    case 'NEEDS_SCORE':
      return need === null
        ? []
        : [
            { name: 'wanted', count: need },
            { name: 'score', count: score },
          ];
    case 'NEEDS_ROOM':
    case 'NEEDS_PUBLISHER_ROOM':
      return text('cap');
    case 'NEEDS_OTHER_PERSON':
      return text('set');
    case 'NEEDS_FIELD':
      return text('field');
    default:
      return [];
  }
}
