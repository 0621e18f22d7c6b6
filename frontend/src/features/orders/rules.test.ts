import { describe, expect, it } from 'vitest';
import { covers, daysFrom, isClaimable, leadsOf, orderablePrice, parts, times } from './rules';

const rub = (minor: string) => ({ minor, currency: 'RUB', decimal: '' });
const goal = (kind: string) => ({ kind, price: rub('77700') });

describe('orders', () => {
  it('are for offers that pay for the lead alone and ask nobody', () => {
    expect(orderablePrice({ mode: 'INSTANT', goals: [goal('LEAD')] })).toEqual(rub('77700'));
    expect(orderablePrice({ mode: 'LIVE', goals: [goal('LEAD')] })).toBeNull();
    expect(orderablePrice({ mode: 'INSTANT', goals: [goal('LEAD'), goal('SALE')] })).toBeNull();
    expect(orderablePrice({ mode: 'INSTANT', goals: [goal('CALL')] })).toBeNull();
    expect(orderablePrice({ mode: 'INSTANT', goals: [] })).toBeNull();
    expect(orderablePrice(null)).toBeNull();
  });

  it('reserve price times leads, to the last digit', () => {
    expect(times(rub('77700'), 3)).toEqual({
      minor: '233100',
      currency: 'RUB',
      decimal: '2331.00',
    });
    expect(times(rub('90071992547409'), 100_000).decimal).toBe('90071992547409000.00');
    expect(times({ minor: '7', currency: 'JPY' }, 5).decimal).toBe('35');
  });

  it('are covered by exactly their sum', () => {
    expect(covers(rub('233100'), rub('233100'))).toBe(true);
    expect(covers(rub('233099'), rub('233100'))).toBe(false);
    expect(covers(rub('-1'), rub('1'))).toBe(false);
  });

  it.each([
    [1, 1],
    ['12', 12],
    [100_000, 100_000],
    [100_001, null],
    [0, null],
    ['', null],
    ['1.5', null],
    ['many', null],
  ])('take %s as %s leads', (value, leads) => {
    expect(leadsOf(value, 100_000)).toBe(leads);
  });

  it('have deadlines in whole days of the calendar', () => {
    expect(daysFrom(7, new Date(2026, 10, 26, 9, 5, 3))).toBe('2026-12-03 09:05:03');
  });

  it('show each part that there is, and always what came', () => {
    const order = { wanted: 8, delivered: 2, claimed: 1, unclaimed: 5, released: 0 };
    expect(parts(order)).toEqual([
      { name: 'delivered', count: 2, share: 25 },
      { name: 'claimed', count: 1, share: 12.5 },
      { name: 'unclaimed', count: 5, share: 62.5 },
    ]);
    const cancelled = { wanted: 8, delivered: 0, claimed: 0, unclaimed: 0, released: 8 };
    expect(parts(cancelled).map(({ name, share }) => [name, share])).toEqual([
      ['delivered', 0],
      ['released', 100],
    ]);
  });

  it('can be claimed while they are open, in time and not claimed by the same publisher', () => {
    const order = {
      state: 'OPEN',
      unclaimed: 2,
      deadline: '2026-12-01T00:00:00Z',
      claims: [{ state: 'EXPIRED' }],
    };
    const now = Date.parse('2026-11-30T00:00:00Z');
    expect(isClaimable(order, now)).toBe(true);
    expect(isClaimable({ ...order, state: 'CANCELLED' }, now)).toBe(false);
    expect(isClaimable({ ...order, unclaimed: 0 }, now)).toBe(false);
    expect(isClaimable({ ...order, claims: [{ state: 'OPEN' }] }, now)).toBe(false);
    expect(isClaimable(order, Date.parse(order.deadline))).toBe(false);
  });
});
