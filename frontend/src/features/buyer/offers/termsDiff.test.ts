import { describe, expect, it } from 'vitest';
import { termsChanges } from './termsDiff';
import { emptyForm, formFromTerms, type NicheRules, type Terms, termsFromForm } from './termsForm';

const rules: NicheRules = {
  currency: 'RUB',
  fields: [],
  priceFloorMinor: null,
  priceFloorText: '',
  maxReturnWindowS: null,
  disputeS: 0,
};
const rub = (minor: string) => ({ minor, currency: 'RUB' });

const base: Terms = {
  ...termsFromForm(emptyForm('UTC'), rules),
  goals: [
    { kind: 'LEAD', price: rub('50000') },
    {
      kind: 'SALE',
      percent: { bps: 1000, min: rub('10000'), max: rub('90000') },
      attributionWindowS: 86_400,
      reserveBps: 0,
      several: false,
    },
  ],
  caps: [{ period: 'DAY', count: 20, money: null }],
};

const seen = (change: Partial<Terms>) =>
  termsChanges(base, { ...base, ...change }).map(({ path, before, after }) => [
    path,
    before,
    after,
  ]);

describe('what typed terms change', () => {
  it('is nothing for the same terms, through the form and back too', () => {
    expect(seen({})).toEqual([]);
    const again = termsFromForm(formFromTerms('x', base), rules);
    expect(termsChanges(base, again)).toEqual([]);
  });

  it('is nothing for another order of goals', () => {
    expect(seen({ goals: [...base.goals].reverse() })).toEqual([]);
  });

  it('has path, before and after as the server tells them', () => {
    const [, sale] = base.goals;
    expect(
      seen({ goals: [{ kind: 'LEAD', price: rub('60000') }, ...(sale ? [sale] : [])], holdS: 1 }),
    ).toEqual([
      ['goals[LEAD].price', 50_000, 60_000],
      ['hold_s', base.holdS, 1],
    ]);
    expect(seen({ caps: [{ period: 'DAY', count: null, money: rub('700') }] })).toEqual([
      ['caps[DAY].count', 20, null],
      ['caps[DAY].money', null, 700],
    ]);
    expect(seen({ caps: [] })).toEqual([['caps[DAY]', { count: 20, money: null }, null]]);
    expect(seen({ schedule: { ...base.schedule, holidays: ['2027-01-01'] } })).toEqual([
      ['schedule.holidays', [], ['2027-01-01']],
    ]);
  });

  it('is one line for a share that becomes a sum', () => {
    const [lead, sale] = base.goals;
    const goals = [lead, { ...sale, percent: null, price: rub('40000') }] as Terms['goals'];
    expect(seen({ goals })).toEqual([
      ['goals[SALE].price', { bps: 1000, min: 10_000, max: 90_000 }, 40_000],
    ]);
  });
});
