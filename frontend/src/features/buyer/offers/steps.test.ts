import { describe, expect, it } from 'vitest';
import { STEPS, stepOf, stepsOf } from './steps';
import { emptyForm } from './termsForm';

describe('the steps of the offer form', () => {
  it('show every field, each in one of them', () => {
    const homeless = Object.keys(emptyForm('UTC')).filter((field) => stepOf(field) === null);
    expect(homeless).toEqual([]);
    expect(stepOf('goals')).toBe('goals');
    expect(stepOf('windows.0.days')).toBe('leads');
    expect(stepOf('publisherCaps.1.count')).toBe('caps');
    expect(stepOf('nobody')).toBeNull();
  });

  it('name those with mistakes in their own order', () => {
    expect(stepsOf(['caps.0.count', 'name', 'caps.1.money', 'nobody'])).toEqual(['niche', 'caps']);
    expect(stepsOf([])).toEqual([]);
    expect(STEPS.at(-1)).toBe('review');
  });
});
