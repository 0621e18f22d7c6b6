// Money in the double: a card is charged, given back, disputed.

import { CARDS, balanceTransaction, charge, dispute, paymentMethod, refund } from './objects.mjs';
import { Refusal, invalid } from './form.mjs';

/** Stripe's usual price for a European card, rounded down; whole units where there are no others. */
export function feeOf(amount, currency) {
  const fee = Math.floor((amount * 29) / 1000) + 30;
  return ['isk', 'ugx'].includes(currency) ? fee - (fee % 100) : fee;
}
/** What a dispute costs. */
export const DISPUTE_FEE = 1500;

const numbers = new WeakMap();

/** A card by its number. */
export function newCard(store, number, owner) {
  if (!CARDS[number]) throw new Refusal(402, 'card_error', 'Your card number is incorrect.', { code: 'incorrect_number' });
  const method = store.put(paymentMethod(store, number, owner));
  numbers.set(method, number);
  return method;
}

/** Charges a card for an intent; the failure, if the card is declined. */
export function confirm(store, intent, method, unattended) {
  const how = CARDS[numbers.get(method)] ?? {};
  const reason = how.decline ?? (unattended ? how.later : undefined);
  intent.payment_method = method.id;
  const failure = reason && {
    code: reason === 'authentication_required' ? reason : (how.code ?? 'card_declined'),
    decline_code: reason,
    message: reason === 'authentication_required'
      ? 'This payment requires authentication.'
      : 'Your card was declined.',
  };
  const made = store.put(charge(store, intent, method, failure));
  intent.latest_charge = made.id;
  if (failure) {
    intent.status = 'requires_payment_method';
    intent.payment_method = null;
    intent.last_payment_error = { type: 'card_error', charge: made.id, ...failure, payment_method: structuredClone(method) };
    store.tell('charge.failed', made);
    store.tell('payment_intent.payment_failed', intent);
    return failure;
  }
  const fee = feeOf(intent.amount, intent.currency);
  const { currency, description } = intent;
  const transaction = store.put(
    balanceTransaction(store, { type: 'charge', amount: intent.amount, fee, currency, source: made.id, description }),
  );
  made.balance_transaction = transaction.id;
  Object.assign(intent, { status: 'succeeded', amount_received: intent.amount, last_payment_error: null });
  store.tell('charge.succeeded', made);
  store.tell('payment_intent.succeeded', intent);
  return undefined;
}

/** Gives money back; never more than was paid. */
export function giveBack(store, intent, given) {
  const of = store.get(intent.latest_charge);
  if (!of || intent.status !== 'succeeded') throw invalid('This PaymentIntent does not have a successful charge to refund.');
  if (of.disputed) throw invalid('This charge has been charged back.', { code: 'charge_disputed' });
  const left = of.amount - of.amount_refunded;
  const amount = given.amount ?? left;
  if (left === 0) throw invalid('The charge has already been refunded.', { code: 'charge_already_refunded' });
  if (amount < 1) throw invalid('Invalid positive integer', { param: 'amount' });
  if (amount > left) {
    throw invalid(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, { param: 'amount' });
  }
  const made = refund(store, { amount, charge: of, metadata: given.metadata, reason: given.reason, transaction: null });
  const transaction = store.put(
    balanceTransaction(store, { type: 'refund', amount: -amount, fee: 0, currency: of.currency, source: made.id }),
  );
  made.balance_transaction = transaction.id;
  store.put(made);
  of.amount_refunded += amount;
  of.refunded = of.amount_refunded === of.amount;
  store.tell('refund.created', made);
  store.tell('charge.refunded', of);
  if (CARDS[numbers.get(store.get(of.payment_method))]?.refund) failRefund(store, made);
  return made;
}

/** The card did not take a refund: its money comes back. */
export function failRefund(store, made) {
  const of = store.get(made.charge);
  const transaction = store.put(
    balanceTransaction(store, { type: 'refund_failure', amount: made.amount, fee: 0, currency: made.currency, source: made.id }),
  );
  Object.assign(made, { status: 'failed', failure_reason: 'expired_or_canceled_card', failure_balance_transaction: transaction.id });
  of.amount_refunded -= made.amount;
  of.refunded = false;
  store.tell('refund.failed', made);
  store.tell('refund.updated', made);
}

/** A bank disputes a payment: with an inquiry nothing is taken yet. */
export function openDispute(store, intent, { amount, reason = 'fraudulent', inquiry = false }) {
  const of = store.get(intent.latest_charge);
  const status = inquiry ? 'warning_needs_response' : 'needs_response';
  const made = store.put(dispute(store, of, { amount: amount ?? of.amount, reason, status }));
  if (!inquiry) {
    of.disputed = true;
    taken(store, made, -made.amount, DISPUTE_FEE);
  }
  store.tell('charge.dispute.created', made);
  if (!inquiry) store.tell('charge.dispute.funds_withdrawn', made);
  return made;
}

function taken(store, made, amount, fee) {
  const transaction = store.put(
    balanceTransaction(store, { type: 'adjustment', amount, fee, currency: made.currency, source: made.id, description: 'Chargeback' }),
  );
  made.balance_transactions.push(transaction);
}

/** The dispute ends. */
export function closeDispute(store, made, status) {
  made.status = status;
  if (status === 'won') {
    taken(store, made, made.amount, 0);
    store.tell('charge.dispute.funds_reinstated', made);
  }
  store.tell('charge.dispute.closed', made);
  return made;
}
