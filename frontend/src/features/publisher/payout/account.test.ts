import { describe, expect, it } from 'vitest';
import { bicFits, bikFits, grouped, ibanProblem, keyFits } from './account';

describe('account numbers', () => {
  it('know an IBAN by its check digits', () => {
    for (const good of ['DE89370400440532013000', 'gb29 nwbk 6016 1331 9268 19', 'NO9386011117947'])
      expect(ibanProblem(good), good).toBeNull();
    expect(ibanProblem('DE88370400440532013000')).toBe('digits');
    expect(ibanProblem('DE89370400440523013000')).toBe('digits');
    expect(ibanProblem('DE89 3704')).toBe('short');
    expect(ibanProblem('')).toBe('short');
    expect(ibanProblem('D')).toBe('short');
    expect(ibanProblem('8937')).toBe('form');
    expect(ibanProblem('DE8937040044053201300!')).toBe('form');
  });

  it('group an IBAN by four', () => {
    expect(grouped('de89370400440532013000')).toBe('DE89 3704 0044 0532 0130 00');
    expect(grouped('DE8937040044053201')).toBe('DE89 3704 0044 0532 01');
  });

  it('know the form of a BIC and of a BIK', () => {
    expect(bicFits('COBADEFF')).toBe(true);
    expect(bicFits('cobadeffxxx')).toBe(true);
    expect(bicFits('COBADEFFX')).toBe(false);
    expect(bikFits('044525225')).toBe(true);
    expect(bikFits('44525225')).toBe(false);
  });

  it('know whether a Russian account belongs to its bank', () => {
    expect(keyFits('044525225', '40702810200000000001')).toBe(true);
    expect(keyFits('044525225', '4081 7810 0000 0000 1234')).toBe(true);
    expect(keyFits('044525225', '40702810000000000001')).toBe(false);
    // The Bank of Russia keeps this one itself.
    expect(keyFits('044583001', '40101810800000010041')).toBe(true);
    expect(keyFits('044525225', '4070281093800006047')).toBe(false);
  });
});
