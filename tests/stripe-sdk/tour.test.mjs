// Stripe's own SDK walks through the double. What Stripe's library takes for Stripe's answer, error
// or signature is one; so the double is held to it, and not only to what our program reads.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Stripe, payOnPage, refused, startDouble, startReceiver } from "./double.mjs";

const { errors } = Stripe;
const VISA = "4242424242424242";
const BASE = { currency: "eur", success_url: "http://shop.example/back?s={CHECKOUT_SESSION_ID}" };

let double;
let stripe;
before(async () => {
  double = await startDouble();
  stripe = double.sdk();
});
after(() => double?.stop());

/** What the double keeps of a payment. */
const feeOf = (amount) => Math.floor((amount * 29) / 1_000) + 30;

const openPage = (customer, amount, more = {}) =>
  stripe.checkout.sessions.create({
    mode: "payment",
    customer,
    success_url: BASE.success_url,
    cancel_url: "http://shop.example/cancelled",
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: BASE.currency,
          unit_amount: amount,
          product_data: { name: "Wallet top-up" },
        },
      },
    ],
    ...more,
  });

/** A customer whose card was saved by paying; the payment and the card. */
async function saved(card, amount = 5_000) {
  const customer = await stripe.customers.create({ name: `Saves ${card}` });
  const session = await openPage(customer.id, amount, {
    payment_intent_data: { setup_future_usage: "off_session", metadata: { ours: "ctu_1" } },
  });
  const answer = await payOnPage(session.url, card);
  assert.equal(answer.status, 303, `the page did not take ${card}`);
  const { payment_intent: payment } = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ["payment_intent"],
  });
  return { customer, payment, method: payment.payment_method };
}

const charge = (customer, method, amount, options) =>
  stripe.paymentIntents.create(
    {
      amount,
      currency: BASE.currency,
      customer,
      payment_method: method,
      off_session: true,
      confirm: true,
    },
    options,
  );

test("customers are made, read and listed page by page", async () => {
  const made = await stripe.customers.create({
    name: "Acme",
    email: "pages@shop.example",
    metadata: { leadbourse_id: "org_1" },
  });
  assert.match(made.id, /^cus_/);
  const read = await stripe.customers.retrieve(made.id);
  assert.deepEqual(
    [read.object, read.name, read.metadata.leadbourse_id, read.livemode],
    ["customer", "Acme", "org_1", false],
  );
  const ids = [made.id];
  for (const name of ["Two", "Three"]) {
    ids.unshift((await stripe.customers.create({ name, email: "pages@shop.example" })).id);
  }
  // Two on a page: the SDK asks for the next one by itself.
  const listed = [];
  for await (const one of stripe.customers.list({ email: "pages@shop.example", limit: 2 })) {
    listed.push(one.id);
  }
  assert.deepEqual(listed, ids, "newest first, each once, over two pages");
  const error = await refused(
    stripe.customers.retrieve("cus_none"),
    errors.StripeInvalidRequestError,
    "a customer that is not there",
  );
  assert.deepEqual([error.statusCode, error.code], [404, "resource_missing"]);
});

test("a payment page is opened, declined, paid, and its fee is known", async () => {
  const customer = await stripe.customers.create({ name: "Page" });
  const session = await openPage(customer.id, 12_345, {
    client_reference_id: "ctu_1",
    metadata: { leadbourse_id: "ctu_1" },
    payment_intent_data: { metadata: { leadbourse_id: "ctu_1" }, description: "Wallet top-up" },
  });
  assert.deepEqual(
    [session.status, session.payment_status, session.amount_total, session.payment_intent],
    ["open", "unpaid", 12_345, null],
  );
  assert.equal((await payOnPage(session.url, "4000000000000002")).status, 402);
  const tried = await stripe.checkout.sessions.retrieve(session.id);
  assert.deepEqual([tried.status, tried.payment_status], ["open", "unpaid"]);
  const failed = await stripe.paymentIntents.retrieve(tried.payment_intent);
  assert.deepEqual(
    [failed.status, failed.amount_received, failed.last_payment_error.decline_code],
    ["requires_payment_method", 0, "generic_decline"],
  );

  const back = await payOnPage(session.url, VISA);
  assert.deepEqual(
    [back.status, back.headers.get("location")],
    [303, `http://shop.example/back?s=${session.id}`],
  );
  const paid = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ["payment_intent.latest_charge.balance_transaction"],
  });
  const { payment_intent: payment } = paid;
  assert.deepEqual([paid.status, paid.payment_status, paid.url], ["complete", "paid", null]);
  assert.equal(payment.id, failed.id, "the second card pays the same payment");
  assert.deepEqual(
    [payment.status, payment.amount_received, payment.currency, payment.customer],
    ["succeeded", 12_345, "eur", customer.id],
  );
  assert.deepEqual(payment.metadata, { leadbourse_id: "ctu_1" });
  const { balance_transaction: kept, payment_method_details: how } = payment.latest_charge;
  assert.deepEqual(
    [kept.amount, kept.fee, kept.net, how.card.last4],
    [12_345, feeOf(12_345), 12_345 - feeOf(12_345), "4242"],
  );
  const [listed] = (await stripe.checkout.sessions.list({ payment_intent: payment.id })).data;
  assert.equal(listed.id, session.id);
});

test("a page that nobody pays ends once", async () => {
  const customer = await stripe.customers.create({ name: "Late" });
  const session = await openPage(customer.id, 1_000);
  const ended = await stripe.checkout.sessions.expire(session.id);
  assert.deepEqual([ended.status, ended.url], ["expired", null]);
  const twice = stripe.checkout.sessions.expire(session.id);
  const error = await refused(twice, errors.StripeInvalidRequestError, "a page that has ended");
  assert.equal(error.statusCode, 400);
});

test("a saved card pays with nobody at a page, and is listed until it is detached", async () => {
  const { customer, payment, method } = await saved(VISA);
  assert.deepEqual(
    [payment.setup_future_usage, payment.metadata],
    ["off_session", { ours: "ctu_1" }],
  );
  const cards = await stripe.customers.listPaymentMethods(customer.id);
  assert.deepEqual(
    cards.data.map((one) => [one.id, one.card.brand, one.card.last4]),
    [[method, "visa", "4242"]],
  );
  const again = await charge(customer.id, method, 7_000);
  assert.deepEqual([again.status, again.amount_received], ["succeeded", 7_000]);
  const named = await stripe.paymentIntents.list({ customer: customer.id });
  assert.deepEqual(
    named.data.map((one) => one.amount),
    [7_000, 5_000],
  );
  await stripe.paymentMethods.detach(method);
  const gone = await refused(
    charge(customer.id, method, 7_000),
    errors.StripeInvalidRequestError,
    "a detached card",
  );
  assert.equal(gone.code, "payment_method_unexpected_state");
});

test("declined cards are the SDK's card errors, with the payment that was tried", async () => {
  for (const [card, code, decline] of [
    ["4000000000000341", "card_declined", "generic_decline"],
    ["4000002760003184", "authentication_required", "authentication_required"],
  ]) {
    const { customer, method } = await saved(card);
    const error = await refused(
      charge(customer.id, method, 900),
      errors.StripeCardError,
      `card ${card}`,
    );
    assert.deepEqual(
      [error.statusCode, error.code, error.decline_code, error.payment_intent.status],
      [402, code, decline, "requires_payment_method"],
    );
    const { id } = error.payment_intent;
    assert.equal((await stripe.paymentIntents.retrieve(id)).amount_received, 0);
    assert.equal((await stripe.paymentIntents.cancel(id)).status, "canceled");
  }
  const small = await refused(
    stripe.paymentIntents.create({ amount: 1, currency: "eur" }),
    errors.StripeInvalidRequestError,
    "a sum below the least",
  );
  assert.equal(small.code, "amount_too_small");
});

test("refunds never exceed what was paid, and one may fail afterwards", async () => {
  const { payment } = await saved(VISA, 10_000);
  const refund = (amount) => stripe.refunds.create({ payment_intent: payment.id, amount });
  const part = await refund(4_000);
  assert.deepEqual([part.status, part.amount, part.currency], ["succeeded", 4_000, "eur"]);
  const more = await refused(refund(6_001), errors.StripeInvalidRequestError, "an over-refund");
  assert.equal(
    more.message,
    "Refund amount (6001) is greater than unrefunded amount on charge (6000)",
  );
  assert.equal((await refund(6_000)).amount, 6_000);
  const empty = await refused(refund(1), errors.StripeInvalidRequestError, "a third refund");
  assert.equal(empty.code, "charge_already_refunded");
  const all = await stripe.refunds.list({ payment_intent: payment.id });
  assert.deepEqual(
    all.data.map((one) => one.amount),
    [6_000, 4_000],
  );
  const [moved] = (await stripe.balanceTransactions.list({ source: part.id })).data;
  assert.deepEqual([moved.type, moved.amount, moved.fee], ["refund", -4_000, 0]);

  const other = await saved("4000000000005126", 3_000);
  const lost = await stripe.refunds.create({ payment_intent: other.payment.id });
  const now = await stripe.refunds.retrieve(lost.id);
  assert.deepEqual([now.status, now.failure_reason], ["failed", "expired_or_canceled_card"]);
});

test("a disputed payment takes its money and its fee, and evidence is sent for it", async () => {
  const { payment } = await saved(VISA, 8_000);
  const { id } = await double.tell("dispute", { payment_intent: payment.id });
  const open = await stripe.disputes.retrieve(id);
  assert.deepEqual(
    [open.status, open.amount, open.reason],
    ["needs_response", 8_000, "fraudulent"],
  );
  assert.deepEqual(
    open.balance_transactions.map((one) => [one.amount, one.fee]),
    [[-8_000, 1_500]],
  );
  const sent = await stripe.disputes.update(id, {
    evidence: { uncategorized_text: "It is theirs." },
  });
  assert.deepEqual(
    [sent.status, sent.evidence.uncategorized_text, sent.evidence_details.submission_count],
    ["under_review", "It is theirs.", 1],
  );
});

test("a key replays its answer, refuses another body, and is taken while it works", async () => {
  const options = { idempotencyKey: "tour-1" };
  const first = await stripe.customers.create({ name: "Once" }, options);
  const again = await stripe.customers.create({ name: "Once" }, options);
  assert.equal(again.id, first.id, "the same request is answered as before");
  assert.equal(first.lastResponse.headers["idempotent-replayed"], undefined);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  assert.equal(again.lastResponse.idempotencyKey, "tour-1");
  const other = await refused(
    stripe.customers.create({ name: "Other" }, options),
    errors.StripeIdempotencyError,
    "a key with another body",
  );
  assert.deepEqual([other.statusCode, other.type], [400, "StripeIdempotencyError"]);
  const elsewhere = await refused(
    stripe.refunds.create({ payment_intent: "pi_1" }, options),
    errors.StripeIdempotencyError,
    "a key with another path",
  );
  assert.equal(elsewhere.statusCode, 400);

  // A decline is kept under its key; a request that was worded wrongly is not.
  const { customer, method } = await saved("4000000000000341");
  const declined = () => charge(customer.id, method, 700, { idempotencyKey: "tour-2" });
  const one = await refused(declined(), errors.StripeCardError, "a decline");
  const two = await refused(declined(), errors.StripeCardError, "the same decline");
  assert.equal(two.payment_intent.id, one.payment_intent.id);
  assert.equal(two.headers["idempotent-replayed"], "true");
  const wrong = { idempotencyKey: "tour-3" };
  await refused(
    stripe.paymentIntents.create({ amount: 1, currency: "eur" }, wrong),
    errors.StripeInvalidRequestError,
    "a sum below the least",
  );
  assert.equal(
    (await stripe.paymentIntents.create({ amount: 100, currency: "eur" }, wrong)).amount,
    100,
  );

  // Two at once: the second is told so; the SDK that may try again gets the first one's answer.
  await double.tell("config", { work_ms: 300 });
  const slow = stripe.customers.create({ name: "Slow" }, { idempotencyKey: "tour-4" });
  await new Promise((wait) => setTimeout(wait, 100));
  const busy = await refused(
    stripe.customers.create({ name: "Slow" }, { idempotencyKey: "tour-4" }),
    // The SDK has no class of its own for 409.
    errors.StripeAPIError,
    "a key that works",
  );
  assert.deepEqual(
    [busy.statusCode, busy.rawType, busy.code],
    [409, "idempotency_error", "idempotency_key_in_use"],
  );
  const patient = double.sdk({ maxNetworkRetries: 3 });
  const waited = await patient.customers.create({ name: "Slow" }, { idempotencyKey: "tour-4" });
  assert.equal(waited.id, (await slow).id);
  await double.tell("config", { work_ms: 0 });

  await double.tell("keys/expire");
  const late = await stripe.customers.create({ name: "Once" }, options);
  assert.notEqual(late.id, first.id, "an expired key does it again");
});

test("an answer that was lost after the deed is fetched by the SDK's own retry", async () => {
  const { customer, method } = await saved(VISA);
  await double.tell("faults", { match: "POST /v1/payment_intents", kind: "drop" });
  const patient = double.sdk({ maxNetworkRetries: 2 });
  const paid = await patient.paymentIntents.create({
    amount: 4_200,
    currency: "eur",
    customer: customer.id,
    payment_method: method,
    off_session: true,
    confirm: true,
  });
  assert.equal(paid.lastResponse.headers["idempotent-replayed"], "true");
  const all = await stripe.paymentIntents.list({ customer: customer.id });
  assert.deepEqual(
    all.data.map((one) => one.amount),
    [4_200, 5_000],
    "charged once",
  );
  await double.tell("faults", { match: "GET /v1/customers", kind: "status", status: 429 });
  await refused(stripe.customers.list(), errors.StripeRateLimitError, "a planned 429");
  await double.tell("faults", { match: "GET /v1/customers", kind: "status", status: 500 });
  await refused(stripe.customers.list(), errors.StripeAPIError, "a planned 500");
  // The SDK always tries once more when a connection is closed.
  await double.tell("faults", { match: "GET /v1/customers", kind: "lose", times: 2 });
  await refused(stripe.customers.list(), errors.StripeConnectionError, "a lost request");
  const stranger = double.sdk({}, "sk_wrong");
  await refused(stranger.customers.list(), errors.StripeAuthenticationError, "a wrong key");
});

test("webhooks carry a signature that the SDK verifies", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.stop());
  const secret = "whsec_tour";
  // What earlier tests did has nobody to tell any more.
  await double.tell("webhooks");
  const settings = { auto: false, webhook_url: receiver.url, webhook_secret: secret };
  await double.tell("config", settings);
  await double.tell("webhooks");
  receiver.got.length = 0;

  const { payment } = await saved(VISA, 6_000);
  const sent = await double.tell("webhooks", { keep: true });
  assert.ok(
    sent.every(({ status }) => status === 200),
    JSON.stringify(sent),
  );
  const read = ({ raw, signature }, using = secret) =>
    stripe.webhooks.constructEvent(raw, signature, using);
  const events = receiver.got.map((one) => read(one));
  assert.deepEqual(
    events.map(({ type }) => type),
    [
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.succeeded",
      "payment_method.attached",
      "checkout.session.completed",
    ],
  );
  const told = events.find(({ type }) => type === "payment_intent.succeeded");
  assert.deepEqual([told.data.object.id, told.data.object.amount_received], [payment.id, 6_000]);
  assert.deepEqual((await stripe.events.retrieve(told.id)).data, told.data);

  const { StripeSignatureVerificationError: Unbelieved } = errors;
  const [first] = receiver.got;
  assert.throws(() => read(first, "whsec_other"), Unbelieved, "another secret");
  const forged = Buffer.from(first.raw.toString().replace("6000", "9000"));
  assert.notDeepEqual(forged, first.raw);
  assert.throws(() => read({ ...first, raw: forged }), Unbelieved, "another body");
  assert.throws(() => read({ ...first, signature: "t=1" }), Unbelieved, "no signature");

  // Five minutes are the tolerance; a secret that is being changed signs as well as the new one.
  receiver.got.length = 0;
  await double.tell("webhooks", { keep: true, types: ["charge.succeeded"], offset: -290 });
  await double.tell("webhooks", { keep: true, types: ["charge.succeeded"], offset: -310 });
  await double.tell("webhooks", { types: ["charge.succeeded"], secret: "whsec_old" });
  const [fresh, stale, old] = receiver.got;
  assert.equal(read(fresh).type, "charge.succeeded");
  assert.throws(() => read(stale), Unbelieved, "too old");
  assert.throws(() => read(old), Unbelieved, "signed with the old secret");
  assert.equal(read(old, "whsec_old").type, "charge.succeeded");
});
