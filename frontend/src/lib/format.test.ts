import { describe, expect, it } from 'vitest';
import {
  formatBps,
  formatDuration,
  formatMinute,
  formatMoney,
  parseMoney,
  plainValue,
} from './format';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('formatMoney', () => {
  it('shows large amounts to the last digit', () => {
    const money = { minor: '900719925474099301', currency: 'RUB', decimal: '9007199254740993.01' };
    expect(plain(formatMoney(money, 'ru'))).toBe('9 007 199 254 740 993,01 ₽');
    expect(formatMoney(money, 'en')).toContain('9,007,199,254,740,993.01');
  });

  it('falls back to plain text for a currency that Intl does not know', () => {
    expect(formatMoney({ minor: '1', currency: '??', decimal: '0.01' }, 'en')).toBe('0.01 ??');
  });
});

describe('parseMoney', () => {
  it.each([
    ['1250.50', 'RUB', '125050'],
    ['1 250,5', 'RUB', '125050'],
    ['0', 'RUB', '0'],
    ['0.05', 'USD', '5'],
    ['1250', 'JPY', '1250'],
    ['90071992547409.93', 'RUB', '9007199254740993'],
  ])('reads %s %s', (text, currency, minor) => {
    expect(parseMoney(text, currency)).toBe(minor);
  });

  it.each(['', '-1', '1.234', '1e5', '12a', '1,2,3'])('refuses %s', (text) => {
    expect(parseMoney(text, 'RUB')).toBeNull();
  });

  it('refuses more digits than the currency has', () => {
    expect(parseMoney('1.5', 'JPY')).toBeNull();
  });
});

describe('other formats', () => {
  it('shows shares, clock times and durations', () => {
    expect(plain(formatBps(1250, 'en'))).toBe('12.5%');
    expect(formatMinute(1440)).toBe('24:00');
    expect(formatMinute(545)).toBe('09:05');
    expect(plain(formatDuration(90_000, 'en'))).toBe('1 day 1 hr');
  });

  it('shows JSON values as people read them', () => {
    expect(plainValue('Moscow')).toBe('Moscow');
    expect(plainValue(12)).toBe('12');
    expect(plainValue(undefined)).toBe('');
  });
});
