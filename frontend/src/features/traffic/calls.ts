import type { Enum } from '../../lib/graphql';

/** Whether more is to come of a call. */
export function lasts({ state }: { state: Enum<'CallState'> }): boolean {
  return state === 'ANNOUNCED' || state === 'RINGING' || state === 'CONNECTED';
}

/** What is told of a call, as its instants. */
interface Told {
  startedAt: string | null;
  connectedAt: string | null;
  endedAt: string | null;
  decidedAt: string | null;
}

export type CallStep = 'STARTED' | 'CONNECTED' | 'ENDED' | 'DECIDED';

/** What happened to a call in the order in which it happened; of equals the natural order. */
export function callSteps(call: Told): { step: CallStep; at: string }[] {
  const steps: [CallStep, string | null][] = [
    ['STARTED', call.startedAt],
    ['CONNECTED', call.connectedAt],
    ['ENDED', call.endedAt],
    ['DECIDED', call.decidedAt],
  ];
  return steps
    .flatMap(([step, at]) => (at === null ? [] : [{ step, at }]))
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
}
