// The exchange against emulate: a Checkout page that is paid or ends, a saved card, signed
// webhooks. It has no refunds: one that is asked for there is held out of the wallet.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { emulate } from "./dialects.mjs";
import { openStage } from "./stage.mjs";
import { startEmulate } from "./start.mjs";

let stage;
before(async () => {
  stage = await openStage({ dialect: emulate, start: startEmulate });
});
after(() => stage?.stop());

/** Pays on emulate's page as a browser does: the form is sent to where it says. */
async function paysOn(url, shown) {
  const html = await (await fetch(url)).text();
  assert.ok(html.includes(`Pay ${shown}`), `the page does not ask for ${shown}`);
  const action = /<form method="post" action="([^"]+)"/.exec(html)[1];
  const answer = await fetch(new URL(action, url), {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ email: "payer@buyer.example" }),
  });
  assert.equal(answer.status, 302);
  return answer.headers.get("location");
}

const sessionOf = (url) => new URL(url).pathname.split("/").at(-1);

test("a page is paid, and its payment is credited once", async () => {
  const asked = await stage.checkout(5_000, true);
  assert.equal(asked.state, "PENDING");
  assert.deepEqual(await stage.wallet(), []);
  const back = await paysOn(asked.url, "$50.00");
  assert.equal(back, `${stage.exchange.url}/buyer/wallet?topup=${asked.id}`);
  const session = sessionOf(asked.url);
  const told = await stage.told("checkout.session.completed", session);
  const credited = await stage.becomes(asked.id, "CREDITED");
  assert.deepEqual(
    [credited.cameIn, credited.refundable.minor, credited.url],
    [{ minor: "5000", currency: "EUR" }, "5000", null],
  );
  const [customer] = stage.sent("POST", "/v1/customers");
  const { body: payments } = await stage.pass.ask("GET", "/v1/payment_intents");
  assert.deepEqual(
    payments.data.map((one) => [one.amount, one.currency, one.status, one.customer, one.metadata]),
    [[5_000, "eur", "succeeded", customer.body.id, { leadbourse_id: asked.id }]],
  );
  await stage.told("payment_intent.succeeded", payments.data[0].id);

  assert.equal(await stage.pass.send(told), 200);
  const raw = Buffer.from(told.raw.toString().replace(session, `${session}x`));
  assert.equal(await stage.pass.send({ ...told, raw }), 422);
  assert.equal(await stage.pass.send({ raw: told.raw }), 422);
  await stage.settled();
  assert.deepEqual(await stage.books(), {
    "buyer:available:EUR": "5000",
    "external:stripe:EUR": "-5000",
  });
  stage.sound();
});

test("the card of a page pays again with nobody at a page", async () => {
  const cards = await stage.cards();
  assert.equal(cards.length, 1);
  const charged = await stage.charge(1_234, cards[0].id);
  assert.deepEqual([charged.state, charged.cameIn.minor], ["CREDITED", "1234"]);
  assert.deepEqual(await stage.wallet(), [["EUR", "6234", "0"]]);
  stage.sound();
});

test("a page that ends unpaid ends its top-up", async () => {
  const asked = await stage.checkout(2_000, false);
  const session = sessionOf(asked.url);
  const ended = await stage.pass.ask("POST", `/v1/checkout/sessions/${session}/expire`, {});
  assert.equal(ended.body.status, "expired");
  await stage.told("checkout.session.expired", session);
  const now = await stage.becomes(asked.id, "EXPIRED");
  assert.deepEqual([now.cameIn, now.url], [null, null]);
  assert.deepEqual(await stage.wallet(), [["EUR", "6234", "0"]]);
  stage.sound();
});

test("a refund that nobody can answer for waits outside of the wallet", async () => {
  const { pass } = stage;
  const { body: payments } = await pass.ask("GET", "/v1/payment_intents?limit=100");
  const first = payments.data.at(-1).metadata.leadbourse_id;
  const waiting = await stage.refund(first, 1_000);
  assert.deepEqual([waiting.state, waiting.amount.minor], ["PENDING", "1000"]);
  const [asked] = stage.sent("POST", "/v1/refunds");
  assert.deepEqual([asked.status, asked.given.amount], [404, "1000"]);
  assert.deepEqual(await stage.wallet(), [["EUR", "5234", "0"]]);
  assert.deepEqual(await stage.books(), {
    "buyer:available:EUR": "5234",
    "buyer:in_refund:EUR": "1000",
    "external:stripe:EUR": "-6234",
  });
  stage.sound();
});
