import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { en } from '../../i18n/en';
import type { FieldSpec } from '../market/conditions';
import { setFields } from './sentences';
import { MEANINGS, traceSentence } from './trace';

const line = { outcome: 'EXCLUDED', code: null, rank: null, detail: '', need: null, group: null };

describe('the bid log in words', () => {
  it('means by a refusal what core means', () => {
    const source = readFileSync('../crates/core/src/exchange/explain.rs', 'utf8');
    const table = /fn meaning\([\s\S]*?^\}/m.exec(source)?.[0] ?? '';
    const names = new Map(
      [...source.matchAll(/^ {8}(\w+) = "([A-Z_]+)",$/gm)].map(([, name = '', code = '']) => [
        name,
        code,
      ]),
    );
    const core = Object.fromEntries(
      [...table.matchAll(/\(v::([A-Z_]+), Why::(\w+)\)/g)].map(([, code = '', why = '']) => [
        code,
        names.get(why),
      ]),
    );
    expect(Object.keys(core).length).toBeGreaterThan(10);
    expect(MEANINGS).toEqual(core);
  });

  it('has a sentence for each way to lose', () => {
    const sentences = Object.keys(en.shared.explain);
    for (const code of ['OUTBID', 'OUTRANKED', 'NOT_ITS_TURN', 'SAME_BUYER', 'SOLD_SHARED']) {
      expect(sentences).toContain(`TRACE_${code}`);
    }
    expect(traceSentence({ ...line, outcome: 'LOST', code: 'OUTBID', rank: 3 }, 'RUB', 50)).toEqual(
      { code: 'TRACE_OUTBID', facts: [{ name: 'rank', count: 3 }] },
    );
    expect(traceSentence({ ...line, outcome: 'WON', rank: 1 }, 'RUB', 50)).toEqual({
      code: 'TRACE_WON',
      facts: [{ name: 'rank', count: 1 }],
    });
  });

  it('says what was missing', () => {
    const of = (code: string, more: object) => traceSentence({ ...line, code, ...more }, 'RUB', 41);
    expect(of('NO_OFFER_FUNDED', { need: 12_345 })).toEqual({
      code: 'NEEDS_FUNDS',
      facts: [{ name: 'missing', money: { minor: '12345', currency: 'RUB', decimal: '123.45' } }],
    });
    expect(of('SCORE_TOO_LOW', { need: 60 })).toEqual({
      code: 'NEEDS_SCORE',
      facts: [
        { name: 'wanted', count: 60 },
        { name: 'score', count: 41 },
      ],
    });
    expect(of('OFFER_CAPPED', { detail: 'DAY' })).toEqual({
      code: 'NEEDS_ROOM',
      facts: [{ name: 'cap', text: 'DAY' }],
    });
    expect(of('CONDITION_FAILED', {})).toEqual({ code: 'NEEDS_FIELD', facts: [] });
    expect(of('SOMETHING_NEW', {})).toBeNull();
  });

  it('finds the fields of a key set', () => {
    const field = (name: string): FieldSpec => ({
      name,
      type: 'string',
      label: { en: name, ru: name },
      options: [],
    });
    const fields = ['phone', 'first_name', 'first', 'email'].map(field);
    const names = (set: string) => setFields(set, fields)?.map((each) => each.name);
    expect(names('PHONE')).toEqual(['phone']);
    expect(names('FIRST_NAME_PHONE')).toEqual(['first_name', 'phone']);
    expect(names('FIRST_EMAIL')).toEqual(['first', 'email']);
    expect(names('PASSPORT')).toBeUndefined();
  });
});
