import { describe, expect, it } from 'vitest';
import { minorToText } from './money';

describe('money in an input', () => {
  it.each([
    ['125050', 'RUB', '1250.50'],
    ['125000', 'RUB', '1250'],
    ['7', 'USD', '0.07'],
    ['-7', 'USD', '-0.07'],
    ['500', 'JPY', '500'],
  ])('%s minor units of %s are typed as %s', (minor, currency, text) => {
    expect(minorToText(minor, currency)).toBe(text);
  });
});
