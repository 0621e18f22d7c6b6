// The exchange against localstripe: customers, payments, declined cards, refunds, signed webhooks.
// It has no Checkout, so the request for a page is one that nobody answers, and the payer's own
// payment, told by a webhook, ends it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { localstripe } from "./dialects.mjs";
import { openStage } from "./stage.mjs";
import { startLocalstripe } from "./start.mjs";

let stage;
before(async () => {
  const start = async ({ webhook, secret }) => {
    const standin = await startLocalstripe();
    const answer = await fetch(`${standin.url}/_config/webhooks/exchange`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ url: webhook, secret }),
    });
    assert.equal(answer.status, 200);
    return standin;
  };
  stage = await openStage({ dialect: localstripe, start });
});
after(() => stage?.stop());

const VISA = "4242424242424242";
/** A card whose bank wants to see its owner first. */
const GUARDED = "4000002500003155";
/** A card that can be saved, and is declined when it is charged. */
const EMPTY = "4000000000000341";

/** Asks localstripe as the payer's browser does, through the pass-through. */
async function payer(path, values) {
  const response = await fetch(stage.pass.url + path, {
    method: "POST",
    headers: { authorization: "Bearer sk_test_payer" },
    body: new URLSearchParams(values),
  });
  return { status: response.status, body: await response.json() };
}

/** A card of the buyer's customer. */
async function newCard(number) {
  const made = await payer("/v1/payment_methods", {
    type: "card",
    "card[number]": number,
    "card[exp_month]": "12",
    "card[exp_year]": "2031",
    "card[cvc]": "123",
  });
  const customer = stage.sent("POST", "/v1/customers")[0].body.id;
  await payer(`/v1/payment_methods/${made.body.id}/attach`, { customer });
  return { customer, payment_method: made.body.id };
}

/** What Stripe's page does when somebody pays on it. */
const pays = (topUp, card, amount, more = {}) =>
  payer("/v1/payment_intents", {
    ...card,
    amount: String(amount),
    currency: "eur",
    confirm: "true",
    "metadata[leadbourse_id]": topUp.id,
    ...more,
  });

const SAVED = { setup_future_usage: "off_session" };

test("a payment that localstripe tells of is credited once, and its card is kept", async () => {
  const asked = await stage.checkout(5_000, true);
  assert.deepEqual([asked.state, asked.url], ["PENDING", null]);
  const [page] = stage.sent("POST", "/v1/checkout/sessions");
  assert.deepEqual([page.status, page.given.client_reference_id], [404, asked.id]);
  const visa = await newCard(VISA);

  const declined = await pays(asked, await newCard(EMPTY), 5_000);
  assert.deepEqual([declined.status, declined.body.error.code], [402, "card_declined"]);
  await stage.told("payment_intent.payment_failed", declined.body.error.payment_intent.id);
  await stage.settled();
  assert.equal((await stage.topUp(asked.id)).state, "PENDING", "another card may be tried");
  assert.deepEqual(await stage.books(), {});

  const { body: payment } = await pays(asked, visa, 5_000, SAVED);
  assert.equal(payment.status, "succeeded");
  const told = await stage.told("payment_intent.succeeded", payment.id);
  const { card, ...credited } = await stage.becomes(asked.id, "CREDITED");
  assert.deepEqual(credited, {
    id: asked.id,
    state: "CREDITED",
    error: null,
    holdReason: null,
    url: null,
    cameIn: { minor: "5000", currency: "EUR" },
    refunded: { minor: "0" },
    refundable: { minor: "5000" },
  });
  assert.deepEqual(
    [card.brand, card.last4, card.expMonth, card.expYear],
    ["visa", "4242", 12, 2031],
  );
  assert.deepEqual(await stage.wallet(), [["EUR", "5000", "0"]]);

  // The same message again, one with another body, one that is not signed.
  assert.equal(await stage.pass.send(told), 200);
  const raw = Buffer.from(told.raw.toString().replaceAll("5000", "9000"));
  assert.notDeepEqual(raw, told.raw);
  assert.equal(await stage.pass.send({ ...told, raw }), 422);
  assert.equal(await stage.pass.send({ raw: told.raw }), 422);
  await stage.settled();
  assert.deepEqual(await stage.books(), {
    "buyer:available:EUR": "5000",
    "external:stripe:EUR": "-5000",
  });
  stage.sound();
});

test("a saved card is charged at once; one that is declined credits nothing", async () => {
  const [{ id: visa }] = await stage.cards();
  const charged = await stage.charge(3_000, visa);
  assert.deepEqual([charged.state, charged.cameIn.minor], ["CREDITED", "3000"]);

  // localstripe has no card that pays once and is declined later: the payment of a page gets
  // another card before the exchange looks at it.
  const asked = await stage.checkout(1_000, true);
  const { body: payment } = await pays(asked, await newCard(VISA), 1_000, SAVED);
  const { payment_method } = await newCard(EMPTY);
  await payer(`/v1/payment_intents/${payment.id}`, { payment_method });
  await stage.becomes(asked.id, "CREDITED");
  const empty = (await stage.cards()).find(({ id }) => id !== visa);
  const before = await stage.books();
  const failed = await stage.charge(2_500, empty.id);
  assert.deepEqual([failed.state, failed.error, failed.cameIn], ["FAILED", "card_declined", null]);
  const attempt = stage.sent("POST", "/v1/payment_intents").at(-1);
  assert.deepEqual(
    [attempt.status, attempt.given.off_session, attempt.given.payment_method],
    [402, "true", payment_method],
  );
  await stage.told("payment_intent.payment_failed", attempt.body.error.payment_intent.id);
  await stage.settled();
  assert.deepEqual(await stage.books(), before);
  assert.deepEqual(await stage.wallet(), [["EUR", "9000", "0"]]);
  stage.sound();
});

test("a payment that waits for its payer's bank is not money yet", async () => {
  const asked = await stage.checkout(1_600, false);
  const { body: payment } = await pays(asked, await newCard(GUARDED), 1_600);
  assert.equal(payment.status, "requires_action");
  assert.equal((await stage.topUp(asked.id)).state, "PENDING");
  const { client_secret } = payment;
  const path = `/v1/payment_intents/${payment.id}/_authenticate`;
  assert.equal((await payer(path, { client_secret, success: "true" })).body.status, "succeeded");
  await stage.becomes(asked.id, "CREDITED");
  assert.deepEqual(await stage.wallet(), [["EUR", "10600", "0"]]);
  stage.sound();
});

test("unused credit goes back, and never more of it than came in", async () => {
  const asked = await stage.checkout(4_000, false);
  const { body: payment } = await pays(asked, await newCard(VISA), 4_000);
  await stage.becomes(asked.id, "CREDITED");
  const part = await stage.refund(asked.id, 1_500);
  assert.deepEqual([part.state, part.error, part.amount.minor], ["CONFIRMED", null, "1500"]);
  const refunds = () => stage.sent("POST", "/v1/refunds").length;
  const before = refunds();
  assert.deepEqual(await stage.refund(asked.id, 2_501), {
    code: "NOTHING_TO_REFUND",
    field: "amount",
  });
  assert.equal(refunds(), before, "it was not even asked for");
  const rest = await stage.refund(asked.id, 2_500);
  assert.deepEqual([rest.state, rest.amount.minor], ["CONFIRMED", "2500"]);
  const now = await stage.topUp(asked.id);
  assert.deepEqual([now.refunded.minor, now.refundable.minor], ["4000", "0"]);
  assert.deepEqual(await stage.wallet(), [["EUR", "10600", "0"]]);

  // The limit is ours: localstripe would have sent any sum.
  const { body: all } = await stage.pass.ask("GET", `/v1/refunds?payment_intent=${payment.id}`);
  assert.deepEqual(all.data.map(({ amount }) => amount).sort(), [1_500, 2_500]);
  const over = { payment_intent: payment.id, amount: 1 };
  assert.equal((await stage.pass.ask("POST", "/v1/refunds", over)).status, 200);
  stage.sound();
});

test("a payment of another sum waits for FINANCE, who credits what came in", async () => {
  const asked = await stage.checkout(7_000, false);
  await pays(asked, await newCard(VISA), 6_999);
  const held = await stage.becomes(asked.id, "HELD");
  assert.deepEqual([held.holdReason, held.cameIn.minor], ["AMOUNT_MISMATCH", "6999"]);
  assert.deepEqual(await stage.wallet(), [["EUR", "10600", "0"]]);
  const decided = await stage.resolve(asked.id);
  assert.deepEqual([decided.state, decided.cameIn.minor], ["CREDITED", "6999"]);
  assert.deepEqual(await stage.books(), {
    "buyer:available:EUR": "17599",
    "external:stripe:EUR": "-17599",
  });
  stage.sound();
});
