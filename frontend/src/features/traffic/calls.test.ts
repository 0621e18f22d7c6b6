import { describe, expect, it } from 'vitest';
import { callSteps, lasts } from './calls';

describe('a call', () => {
  it('lasts until it is decided', () => {
    const states = ['ANNOUNCED', 'RINGING', 'CONNECTED'] as const;
    const ended = ['QUALIFIED', 'REPEATED', 'TOO_SHORT', 'CLOSED', 'UNSOLD'] as const;
    expect(states.map((state) => lasts({ state }))).toEqual([true, true, true]);
    expect(ended.map((state) => lasts({ state }))).toEqual([false, false, false, false, false]);
  });

  it('is told in the order in which it happened, however late its end came', () => {
    const call = {
      startedAt: '2026-11-22T10:00:00Z',
      connectedAt: '2026-11-22T10:00:00Z',
      endedAt: '2026-11-22T12:30:00Z',
      decidedAt: '2026-11-22T12:00:00Z',
    };
    expect(callSteps(call).map(({ step }) => step)).toEqual([
      'STARTED',
      'CONNECTED',
      'DECIDED',
      'ENDED',
    ]);
    const begun = { ...call, connectedAt: null, endedAt: null, decidedAt: null };
    expect(callSteps(begun)).toEqual([{ step: 'STARTED', at: '2026-11-22T10:00:00Z' }]);
  });
});
