import { describe, expect, it } from 'vitest';
import { converted, limitNow, monthStart, parseRate } from './rules';

const of = (rate: string, minor: string, from: string, to: string) => {
  const parsed = parseRate(rate);
  return parsed === null ? 'no rate' : (converted(minor, from, to, parsed)?.minor ?? null);
};

describe('conversion between currencies', () => {
  // The same numbers as in the server's own tests.
  it.each([
    ['0.01085', '100000', 'RUB', 'USD', '1085'],
    ['0,25', '2', 'RUB', 'USD', null],
    ['0.25', '6', 'RUB', 'USD', '2'],
    ['150', '1000', 'USD', 'JPY', '1500'],
    ['0.0066', '1500', 'JPY', 'USD', '990'],
    ['0.307', '1000', 'USD', 'KWD', '3070'],
    ['475.5', '1000', 'USD', 'KZT', '475500'],
    ['99999999', '9223372036854775807', 'RUB', 'USD', null],
  ])('at %s makes of %s %s in %s: %s', (rate, minor, from, to, bought) => {
    expect(of(rate, minor, from, to)).toBe(bought);
  });

  it('loses no digit of a large sum', () => {
    const rate = parseRate('1.000000000001');
    expect(rate && converted('900719925474099301', 'RUB', 'USD', rate)?.decimal).toBe(
      '9007199254750000.21',
    );
  });

  it.each(['', '0', '0.0', '-1', '1.', '.5', '1e3', '1.0000000000001', '1 000', 'NaN'])(
    '“%s” is no rate',
    (text) => {
      expect(parseRate(text)).toBeNull();
    },
  );
});

describe('a credit limit', () => {
  it('is the newest of its currency', () => {
    const money = (minor: string, currency: string) => ({ minor, currency, decimal: '' });
    const changes = [
      { after: money('5', 'USD') },
      { after: money('250000', 'RUB') },
      { after: money('100000', 'RUB') },
    ];
    expect(limitNow(changes, 'RUB')?.minor).toBe('250000');
    expect(limitNow(changes, 'KZT')).toBeNull();
  });
});

describe('a period', () => {
  it('ends with a month of the calendar', () => {
    const now = new Date(2026, 0, 31, 12);
    expect(monthStart(0, now)).toBe('2026-01-01 00:00:00');
    expect(monthStart(1, now)).toBe('2025-12-01 00:00:00');
  });
});
