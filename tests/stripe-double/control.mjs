// What tests and people tell the double to do.

import { paySession, expireSession } from './api.mjs';
import { closeDispute, failRefund, openDispute } from './money.mjs';
import { missing } from './form.mjs';
import { send } from './store.mjs';

const must = (store, id) => {
  const found = store.get(id);
  if (!found) throw missing('object', id);
  return found;
};

const COMMANDS = {
  /** `{webhook_url, webhook_secret, auto, now, work_ms}`: what is given is set. */
  config: (store, input) => Object.assign(store.config, input),
  /** `{match: "POST /v1/refunds", kind: "drop"|"lose"|"status"|"delay", times, status, ms}`. */
  faults: (store, input) => {
    store.faults.push({ times: 1, ...input });
    return store.faults;
  },
  /** Every key is forgotten, as after a day. */
  'keys/expire': (store) => {
    store.keys.clear();
    return {};
  },
  /** `{session, card, amount, currency, customer}`: pays; what follows the card is forged. */
  pay: (store, { session, card = '4242424242424242', ...forged }) =>
    paySession(store, must(store, session), card, forged) ?? must(store, session),
  /** `{session}`: nobody paid in time. */
  expire: (store, { session }) => expireSession(store, must(store, session)),
  /** `{payment_intent, amount, reason, inquiry}`: a bank disputes a payment. */
  dispute: (store, { payment_intent: id, ...how }) => openDispute(store, must(store, id), how),
  /** `{dispute, status: "won"|"lost"|"warning_closed"}`. */
  'dispute/close': (store, { dispute, status }) => closeDispute(store, must(store, dispute), status),
  /** `{refund}`: the card did not take it. */
  'refund/fail': (store, { refund }) => {
    failRefund(store, must(store, refund));
    return must(store, refund);
  },
  /** `{kind}`: everything of a kind, newest first. */
  list: (store, { kind }) => store.all(kind),
  /** Every request so far. */
  requests: (store) => store.requests,
  /** Events that wait for `webhooks`. */
  pending: (store) => store.pending,
  /**
   * Sends what waits: `{reverse, times, keep, secret, offset, types}`. Gives the statuses in the
   * order in which they were sent.
   */
  webhooks: async (store, { reverse, times = 1, keep, secret, offset, types }) => {
    let events = [...store.pending];
    if (types) events = events.filter((event) => types.includes(event.type));
    if (!keep) store.pending = store.pending.filter((event) => !events.includes(event));
    if (reverse) events.reverse();
    const sent = [];
    for (let n = 0; n < times; n += 1) {
      for (const event of events) {
        sent.push({ id: event.id, type: event.type, status: await send(store, event, { secret, offset }) });
      }
    }
    return sent;
  },
  /** `{type, object}`: an event of any kind, waiting. */
  tell: (store, { type, object }) => {
    store.tell(type, object);
    return {};
  },
};

export function control(store, name, input) {
  const command = COMMANDS[name];
  if (!command) throw missing('control', name);
  return command(store, input);
}
