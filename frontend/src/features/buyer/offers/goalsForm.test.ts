import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  checkGoals,
  costAtAward,
  emptyGoals,
  type Goal,
  GOAL_LIMITS,
  goalPath,
  type GoalsForm,
  goalsForm,
  goalsFrom,
} from './goalsForm';
import type { FormProblems, NicheRules } from './termsForm';

const rules: NicheRules = {
  currency: 'RUB',
  fields: [],
  priceFloorMinor: '10000',
  priceFloorText: '100',
  maxReturnWindowS: null,
  disputeS: 0,
};
const rub = (minor: string) => ({ minor, currency: 'RUB' });
const DAY = 86_400;

const percent: Goal = {
  kind: 'SALE',
  percent: { bps: 1250, min: rub('10000'), max: rub('90050') },
  attributionWindowS: 30 * DAY,
  reserveBps: 2500,
  several: true,
};
const call: Goal = {
  kind: 'CALL',
  price: rub('50000'),
  minCallSeconds: 90,
  repeatCallerWindowS: 7 * DAY,
  callsAtOnce: 3,
};
const registration: Goal = {
  kind: 'REGISTRATION',
  price: rub('30000'),
  attributionWindowS: 14 * DAY,
  reserveBps: 10_000,
};

function problems(form: GoalsForm): FormProblems {
  const found: FormProblems = {};
  checkGoals(form, rules, found);
  return found;
}

describe('goals', () => {
  it.each([[[percent, registration]], [[call]], [[call, percent]]])(
    'come out of the form as they went in',
    (goals) => {
      const form = goalsForm(goals);
      expect(goalsFrom(form, 'RUB')).toEqual(goals);
      expect(problems(form)).toEqual({});
    },
  );

  it('of a share are read without the least that the API gives as their price', () => {
    const form = goalsForm([{ ...percent, price: rub('10000') }]);
    expect(form.sale).toMatchObject({ pays: 'PERCENT', price: '', share: 12.5, max: '900.50' });
    expect(form.lead.on).toBe(false);
  });

  it('are one or two', () => {
    const form = emptyGoals();
    form.lead.price = '100';
    expect(problems(form)).toEqual({});
    form.lead.on = false;
    expect(problems(form)).toEqual({ goals: 'goalRequired' });
    const all = goalsForm([call, percent, registration]);
    expect(problems(all)).toEqual({ goals: 'goalsMany' });
  });

  it.each<[string, string, (form: GoalsForm) => void]>([
    ['sale.share', 'share', (f) => (f.sale.share = 0)],
    ['sale.share', 'share', (f) => (f.sale.share = 100.01)],
    ['sale.min', 'positive', (f) => (f.sale.min = '0')],
    ['sale.max', 'amount', (f) => (f.sale.max = '')],
    ['sale.max', 'maxBelowMin', (f) => (f.sale.max = '99.99')],
    ['sale.attributionWindowS', 'attribution', (f) => (f.sale.attributionWindowS = 181 * DAY)],
    ['sale.reservePercent', 'percent', (f) => (f.sale.reservePercent = 101)],
    ['call.price', 'amount', (f) => (f.call.price = 'dear')],
    ['call.minCallSeconds', 'callSeconds', (f) => (f.call.minCallSeconds = 3601)],
    ['call.minCallSeconds', 'callSeconds', (f) => (f.call.minCallSeconds = '')],
    ['call.repeatCallerWindowS', 'tooLong', (f) => (f.call.repeatCallerWindowS = 366 * DAY)],
    ['call.callsAtOnce', 'callsAtOnce', (f) => (f.call.callsAtOnce = 10_001)],
    ['call.callsAtOnce', 'callsAtOnce', (f) => (f.call.callsAtOnce = 1.5)],
  ])('at %s: %s', (path, problem, spoil) => {
    const form = goalsForm([call, percent]);
    spoil(form);
    expect(problems(form)[path]).toBe(problem);
  });

  it('have no limit of calls at once where none is typed', () => {
    const form = goalsForm([{ ...call, callsAtOnce: 0 }]);
    expect(form.call.callsAtOnce).toBe('');
    expect(problems(form)).toEqual({});
    expect(goalsFrom(form, 'RUB')[0]?.callsAtOnce).toBe(0);
  });

  it('cost at the award what is charged or reserved then', () => {
    expect(costAtAward(goalsForm([call]), 'RUB')).toBe(50_000n);
    // A quarter of the most, 900.50: 22512.5 minor units, to the even one.
    expect(costAtAward(goalsForm([percent]), 'RUB')).toBe(22_512n);
    expect(costAtAward(goalsForm([registration, percent]), 'RUB')).toBe(52_512n);
  });

  it('show the refusals of the server at their fields', () => {
    const form = goalsForm([call, percent]);
    expect(goalPath('goals', form)).toBe('goals');
    expect(goalPath('goals.0.minCallSeconds', form)).toBe('call.minCallSeconds');
    expect(goalPath('goals.0.repeatCallerWindowS', form)).toBe('call.repeatCallerWindowS');
    expect(goalPath('goals.0.callsAtOnce', form)).toBe('call.callsAtOnce');
    expect(goalPath('goals.1.percent.min', form)).toBe('sale.min');
    expect(goalPath('goals.1.percent', form)).toBe('sale.share');
    expect(goalPath('goals.1.reserveBps', form)).toBe('sale.reservePercent');
    expect(goalPath('goals.1.several', form)).toBe('sale.several');
    expect(goalPath('goals.5.price', form)).toBe('goals');
    expect(goalPath('caps.0', form)).toBeNull();
  });

  it('have the bounds of the server', () => {
    const source = readFileSync('../crates/core/src/offer/validate.rs', 'utf8');
    expect(source).toContain(`pub const MAX_GOALS: usize = ${String(GOAL_LIMITS.goals)};`);
    expect(source).toContain('pub const MAX_CALL_S: i64 = HOUR_S;');
    expect(source).toContain('pub const MAX_LINES: i64 = 10_000;');
    expect(GOAL_LIMITS.callsAtOnce).toBe(10_000);
    expect(source).toContain('pub const MAX_REPEAT_S: i64 = 365 * DAY_S;');
    expect(source).toContain('pub const MAX_ATTRIBUTION_S: i64 = 180 * DAY_S;');
  });
});
