// What the double answers: Stripe's paths, as far as the exchange walks them.

import * as shape from './objects.mjs';
import * as money from './money.mjs';
import { Refusal, integer, invalid, missing } from './form.mjs';

const find = (store, kind, id, what = kind) => {
  const found = store.get(id);
  if (!found || found.object !== kind) throw missing(what, id);
  return found;
};

const truthy = (value) => value === 'true' || value === true;

const listOf = (kind, url, keys) => ({ store, given }) => {
  const fits = (object) => keys.every((key) => given[key] === undefined || object[key] === given[key]);
  const limit = given.limit ? integer(given.limit, 'limit') : 10;
  let items = store.all(kind, fits);
  if (given.starting_after) {
    items = items.slice(items.findIndex((object) => object.id === given.starting_after) + 1);
  }
  return shape.list(items, url, limit);
};

const one = (kind, what) => ({ store, id }) => find(store, kind, id, what);

function createSession({ store, given, base }) {
  if (given.mode !== 'payment') throw invalid('Only payments are doubled.', { param: 'mode' });
  if (!given.success_url) throw invalid('Missing required param: success_url.', { param: 'success_url' });
  const price = given.line_items?.[0]?.price_data;
  if (!price) throw invalid('Missing required param: line_items.', { param: 'line_items' });
  integer(price.unit_amount, 'line_items[0][price_data][unit_amount]');
  if (given.customer) find(store, 'customer', given.customer);
  const made = shape.session(store, given, base);
  // What the page needs when it is paid; not part of what is shown.
  Object.defineProperty(made, 'wanted', { value: given.payment_intent_data ?? {} });
  return store.put(made);
}

/** Pays a session with a card; a declined card leaves it open. */
export function paySession(store, session, number, tamper = {}) {
  if (session.status !== 'open') throw invalid('This session is not open any more.');
  const { metadata, description, setup_future_usage } = session.wanted;
  const intent = store.get(session.payment_intent) ?? store.put(
    shape.paymentIntent(store, {
      amount: session.amount_total,
      currency: session.currency,
      customer: session.customer,
      metadata,
      description,
      setup_future_usage,
      ...tamper,
    }),
  );
  // Another card is tried on the same payment.
  if (!session.payment_intent) store.tell('payment_intent.created', intent);
  session.payment_intent = intent.id;
  const method = money.newCard(store, number, setup_future_usage ? session.customer : null);
  const failure = money.confirm(store, intent, method, false);
  if (failure) return failure;
  if (setup_future_usage) store.tell('payment_method.attached', method);
  Object.assign(session, { status: 'complete', payment_status: 'paid', url: null });
  store.tell('checkout.session.completed', session);
  return undefined;
}

export function expireSession(store, session) {
  if (session.status !== 'open') throw invalid('Only Checkout Sessions with a status in ["open"] can be expired.');
  Object.assign(session, { status: 'expired', url: null });
  store.tell('checkout.session.expired', session);
  return session;
}

function createIntent({ store, given }) {
  const amount = integer(given.amount, 'amount');
  if (amount < 50) {
    throw invalid('Amount must be at least 50 minor units.', { code: 'amount_too_small', param: 'amount' });
  }
  if (given.customer) find(store, 'customer', given.customer);
  const method = given.payment_method && find(store, 'payment_method', given.payment_method, 'PaymentMethod');
  if (method && method.customer !== (given.customer ?? null)) {
    throw invalid('The provided PaymentMethod does not belong to this customer.', { code: 'payment_method_unexpected_state' });
  }
  const intent = store.put(shape.paymentIntent(store, { ...given, amount }));
  store.tell('payment_intent.created', intent);
  if (!truthy(given.confirm)) return intent;
  if (!method) throw invalid('You must provide a payment method to confirm.');
  const failure = money.confirm(store, intent, method, truthy(given.off_session));
  if (failure) {
    throw new Refusal(402, 'card_error', failure.message, {
      code: failure.code,
      decline_code: failure.decline_code,
      payment_intent: structuredClone(intent),
    });
  }
  return intent;
}

function cancelIntent({ store, id }) {
  const intent = find(store, 'payment_intent', id);
  if (intent.status === 'succeeded') throw invalid('A succeeded PaymentIntent cannot be canceled.');
  Object.assign(intent, { status: 'canceled', canceled_at: store.now() });
  store.tell('payment_intent.canceled', intent);
  return intent;
}

function createRefund({ store, given }) {
  const intent = find(store, 'payment_intent', given.payment_intent);
  const amount = given.amount === undefined ? undefined : integer(given.amount, 'amount');
  return money.giveBack(store, intent, { ...given, amount });
}

function detach({ store, id }) {
  const method = find(store, 'payment_method', id, 'PaymentMethod');
  method.customer = null;
  store.tell('payment_method.detached', method);
  return method;
}

function evidence({ store, id, given }) {
  const found = find(store, 'dispute', id);
  Object.assign(found.evidence, given.evidence);
  found.evidence_details.has_evidence = true;
  if (given.submit !== 'false') {
    found.evidence_details.submission_count += 1;
    found.status = 'under_review';
  }
  store.tell('charge.dispute.updated', found);
  return found;
}

/** Method, path, handler. */
export const ROUTES = [
  ['POST', '/v1/customers', ({ store, given }) => store.put(shape.customer(store, given))],
  ['GET', '/v1/customers', listOf('customer', '/v1/customers', ['email'])],
  ['GET', '/v1/customers/:id', one('customer')],
  ['GET', '/v1/customers/:id/payment_methods', ({ store, id, given }) =>
    listOf('payment_method', `/v1/customers/${id}/payment_methods`, ['customer'])({
      store,
      given: { ...given, customer: id },
    })],
  ['GET', '/v1/payment_methods/:id', one('payment_method', 'PaymentMethod')],
  ['POST', '/v1/payment_methods/:id/detach', detach],
  ['POST', '/v1/checkout/sessions', createSession],
  ['GET', '/v1/checkout/sessions', listOf('checkout.session', '/v1/checkout/sessions', ['customer', 'payment_intent'])],
  ['GET', '/v1/checkout/sessions/:id', one('checkout.session')],
  ['POST', '/v1/checkout/sessions/:id/expire', ({ store, id }) =>
    expireSession(store, find(store, 'checkout.session', id))],
  ['POST', '/v1/payment_intents', createIntent],
  ['GET', '/v1/payment_intents', listOf('payment_intent', '/v1/payment_intents', ['customer'])],
  ['GET', '/v1/payment_intents/:id', one('payment_intent')],
  ['POST', '/v1/payment_intents/:id/cancel', cancelIntent],
  ['GET', '/v1/charges/:id', one('charge')],
  ['POST', '/v1/refunds', createRefund],
  ['GET', '/v1/refunds', listOf('refund', '/v1/refunds', ['payment_intent', 'charge'])],
  ['GET', '/v1/refunds/:id', one('refund')],
  ['GET', '/v1/disputes', listOf('dispute', '/v1/disputes', ['payment_intent', 'charge'])],
  ['GET', '/v1/disputes/:id', one('dispute')],
  ['POST', '/v1/disputes/:id', evidence],
  ['GET', '/v1/balance_transactions', listOf('balance_transaction', '/v1/balance_transactions', ['source', 'type', 'currency'])],
  ['GET', '/v1/balance_transactions/:id', one('balance_transaction')],
  ['GET', '/v1/events', listOf('event', '/v1/events', ['type'])],
  ['GET', '/v1/events/:id', one('event')],
];

/** Finds the route of a path, with its id. */
export function route(method, path) {
  for (const [verb, pattern, handler] of ROUTES) {
    if (verb !== method) continue;
    const fits = new RegExp(`^${pattern.replace(':id', '([^/]+)')}$`).exec(path);
    if (fits) return { handler, id: fits[1] };
  }
  return undefined;
}

/** Replaces ids by objects where `expand[]` asks for it. */
export function expanded(store, object, paths = []) {
  const copy = structuredClone(object);
  for (const path of paths) {
    const steps = path.split('.');
    const walk = (at, n) => {
      if (at === null || typeof at !== 'object' || n === steps.length) return;
      if (steps[n] === 'data' && Array.isArray(at.data)) {
        at.data.forEach((item) => walk(item, n + 1));
        return;
      }
      const value = at[steps[n]];
      if (typeof value === 'string' && store.get(value)) {
        at[steps[n]] = structuredClone(store.get(value));
      }
      walk(at[steps[n]], n + 1);
    };
    walk(copy, 0);
  }
  return copy;
}
