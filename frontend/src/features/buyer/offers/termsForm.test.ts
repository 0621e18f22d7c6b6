import { describe, expect, it } from 'vitest';

import {
  checkForm,
  emptyForm,
  formFromTerms,
  formPath,
  leastLock,
  termsFromForm,
  type NicheRules,
  type Terms,
  type TermsForm,
} from './termsForm';

const label = { en: 'Region', ru: 'Регион' };
const rules: NicheRules = {
  currency: 'RUB',
  fields: [
    { name: 'region', type: 'string', label, options: [{ value: 'RU-MOW', label }] },
    { name: 'amount', type: 'integer', label, options: [] },
  ],
  priceFloorMinor: '10000',
  priceFloorText: '100',
  maxReturnWindowS: 5 * 86400,
  disputeS: 6 * 86400,
};

const terms: Terms = {
  goals: [
    { kind: 'LEAD', price: { minor: '125050', currency: 'RUB' } },
    {
      kind: 'SALE',
      price: { minor: '900000', currency: 'RUB' },
      attributionWindowS: 2592000,
      reserveBps: 2550,
      several: false,
    },
  ],
  caps: [
    { period: 'DAY', count: 37, money: null },
    { period: 'TOTAL', count: null, money: { minor: '100000000', currency: 'RUB' } },
  ],
  publisherCaps: [{ period: 'HOUR', count: 5, money: null }],
  overCap: 'QUARANTINE',
  pacing: 'EVEN',
  mode: 'INSTANT',
  schedule: {
    timeZone: 'Europe/Moscow',
    windows: [
      {
        days: [1, 2, 3],
        fromMinute: 540,
        toMinute: 1440,
        count: 20,
        money: { minor: '50000000', currency: 'RUB' },
      },
    ],
    holidays: ['2026-12-31', '2027-01-01'],
  },
  conditions: [{ op: 'IN', field: 'region', values: ['RU-MOW'] }],
  minScore: 40,
  maxSales: 3,
  sharedPrices: [{ copies: 2, price: { minor: '90000', currency: 'RUB' } }],
  dedupeWindowS: 2592000,
  returnWindowS: 259200,
  holdS: 604800,
  lockS: 1209600,
  maxReturnShareBps: 3000,
  visibility: 'BY_APPLICATION',
  priority: 2,
  description: 'No cashback traffic',
};

function good(): TermsForm {
  return formFromTerms('Mortgage', terms);
}

describe('the offer form', () => {
  it('lets a server be asked about leads that it buys alone, and about nothing else', () => {
    const live = (change: Partial<TermsForm>) => {
      const form = { ...good(), mode: 'LIVE' as const, maxSales: 1, sharedPrices: [], ...change };
      return checkForm(form, rules);
    };
    expect(live({})).toEqual({});
    expect(live({ maxSales: 2 })).toEqual({ mode: 'live' });
    expect(
      live({
        call: { ...good().call, on: true, price: '900' },
        sale: { ...good().sale, on: false },
        registration: { ...good().registration, on: false },
      }),
    ).toEqual({
      mode: 'live',
    });
    const form = { ...good(), mode: 'LIVE' as const };
    expect(termsFromForm(form, rules).mode).toBe('LIVE');
    expect(formPath('terms.mode', form)).toBe('mode');
  });

  it('gives back the terms that it was filled from', () => {
    expect(termsFromForm(good(), rules)).toEqual(terms);
    expect(checkForm(good(), rules)).toEqual({});
  });

  it('accepts its own start once it has a name and a price', () => {
    const form = emptyForm('Europe/Moscow');
    expect(Object.keys(checkForm(form, rules)).sort()).toEqual(['lead.price', 'name']);
    form.name = 'Mortgage';
    form.lead.price = '1 500';
    expect(checkForm(form, rules)).toEqual({});
  });

  it('lets the lock come as soon as the last return can be decided', () => {
    const form = good();
    form.lockS = leastLock(form.returnWindowS, rules);
    expect(form.lockS).toBe(9 * 86400);
    expect(checkForm(form, rules)).toEqual({});
    form.returnWindowS = 0;
    form.holdS = 0;
    form.lockS = 0;
    expect(checkForm(form, rules)).toEqual({});
  });

  it.each<[string, string, (form: TermsForm) => void]>([
    ['goals', 'goalRequired', (f) => ((f.lead.on = false), (f.sale.on = false))],
    ['lead.price', 'priceFloor', (f) => (f.lead.price = '99.99')],
    ['lead.price', 'amount', (f) => (f.lead.price = '12.345')],
    ['sale.price', 'positive', (f) => (f.sale.price = '0')],
    ['sale.attributionWindowS', 'attribution', (f) => (f.sale.attributionWindowS = 60)],
    ['caps.1.money', 'capTooSmall', (f) => f.caps[1] && (f.caps[1].money = '3545.49')],
    [
      'windows.1.days',
      'windowOverlap',
      (f) => f.windows.push({ days: [3], from: '08:00', to: '09:01', count: '', money: '' }),
    ],
    ['lockS', 'tooLong', (f) => (f.lockS = 366 * 86400)],
    ['lockS', 'lockTooSoon', (f) => (f.lockS = 9 * 86400 - 1)],
    ['priority', 'priority', (f) => (f.priority = 101)],
    ['sale.reservePercent', 'percent', (f) => (f.sale.reservePercent = 101)],
    ['caps.1.period', 'capTwice', (f) => f.caps[1] && (f.caps[1].period = 'DAY')],
    ['caps.0.count', 'capEmpty', (f) => f.caps[0] && (f.caps[0].count = '')],
    ['caps.0.count', 'wholePositive', (f) => f.caps[0] && (f.caps[0].count = 0)],
    ['caps.1.money', 'amount', (f) => f.caps[1] && (f.caps[1].money = 'much')],
    [
      'publisherCaps.0.count',
      'capEmpty',
      (f) => f.publisherCaps[0] && (f.publisherCaps[0].count = ''),
    ],
    ['windows.0.money', 'capTooSmall', (f) => f.windows[0] && (f.windows[0].money = '10')],
    ['pacing', 'pacing', (f) => (f.caps = f.caps.filter((cap) => cap.period !== 'DAY'))],
    ['sharedPrices.0.copies', 'sharedCopies', (f) => (f.maxSales = 1)],
    [
      'sharedPrices.0.price',
      'sharedPrice',
      (f) => f.sharedPrices[0] && (f.sharedPrices[0].price = '1250.51'),
    ],
    ['timeZone', 'required', (f) => (f.timeZone = '')],
    ['windows.0.days', 'daysRequired', (f) => f.windows[0] && (f.windows[0].days = [])],
    ['windows.0.to', 'windowOrder', (f) => f.windows[0] && (f.windows[0].to = '08:00')],
    ['windows.0.from', 'time', (f) => f.windows[0] && (f.windows[0].from = '9')],
    ['holidays', 'date', (f) => (f.holidays = ['31.12.2026'])],
    ['returnWindowS', 'returnWindowMax', (f) => (f.returnWindowS = 6 * 86400)],
    ['holdS', 'holdOrder', (f) => (f.holdS = 86400)],
    ['lockS', 'lockOrder', (f) => (f.lockS = 86400)],
    ['minScore', 'score', (f) => (f.minScore = 101)],
    ['maxSales', 'maxSales', (f) => (f.maxSales = 11)],
    ['maxReturnPercent', 'percent', (f) => (f.maxReturnPercent = '')],
  ])('%s: %s', (path, problem, spoil) => {
    const form = good();
    spoil(form);
    expect(checkForm(form, rules)[path]).toBe(problem);
  });

  it('refuses unfinished conditions', () => {
    const form = good();
    form.conditions = [
      { id: 'x', kind: 'leaf', field: 'amount', op: 'GTE', value: '', values: [] },
    ];
    expect(checkForm(form, rules)).toEqual({ conditions: 'conditions' });
  });

  it.each([
    ['terms.goals[0].price', 'lead.price'],
    ['terms.goals.1.reserve_bps', 'sale.reservePercent'],
    ['input.terms.goals', 'goals'],
    ['terms.caps[1].money', 'caps.1.money'],
    ['terms.caps[0]', 'caps.0.count'],
    ['terms.schedule.windows[1]', 'windows.1.days'],
    ['terms.schedule.time_zone', 'timeZone'],
    ['terms.schedule.windows[2].to_minute', 'windows.2.to'],
    ['terms.schedule.holidays[0]', 'holidays'],
    ['terms.conditions[0].value', 'conditions'],
    ['terms.hold_s', 'holdS'],
    ['name', 'name'],
    ['nicheId', null],
    [null, null],
  ])('shows the server error at %s as %s', (field, path) => {
    expect(formPath(field, good())).toBe(path);
  });

  it('knows which goal is first when only sales are paid', () => {
    const form = good();
    form.lead.on = false;
    expect(formPath('terms.goals.0.price', form)).toBe('sale.price');
  });
});
