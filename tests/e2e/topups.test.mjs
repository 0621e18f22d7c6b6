// Money by card in a browser: the payment page of the stand-in for Stripe, saved cards,
// auto-recharge, refunds, and what FINANCE does about what does not add up.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, launch, loaded } from "./browser.mjs";
import { choose, confirm, dialog, press, row, sees, send, sound } from "./hands.mjs";
import * as market from "./market.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const stripe = process.env.LB_TEST_STRIPE;
const enter = (login, language, path) => market.enter(browser.context, login, language, path);

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

/** Tells the stand-in to do something. */
async function control(name, input) {
  const response = await fetch(`${stripe}/_control/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

/** The free money of a buyer in roubles, and what it owes; minor units. */
async function wallet(login) {
  const { ask } = await market.member(login);
  const { wallets } = await ask("{ wallets { currency available { minor } owed { minor } } }");
  const found = wallets.find((each) => each.currency === "RUB");
  return found && { available: found.available.minor, owed: found.owed.minor };
}

/** Opens the dialog and fills the sum. */
async function start(page, button, sum) {
  await press(page, button);
  const open = await dialog(page);
  const currency = open.getByRole("combobox");
  if ((await currency.count()) > 0) {
    await currency.click();
    await page.getByRole("option", { name: "RUB", exact: true }).click();
  }
  await open.locator('input[inputmode="decimal"]').fill(sum);
  return open;
}

/** Pays on the stand-in's page. */
async function pay(page, card = "4242 4242 4242 4242") {
  await page.waitForURL((url) => url.origin === stripe);
  await page.getByLabel("Card number").fill(card);
  await page.getByRole("button", { name: /^Pay / }).click();
}

/** A payment page that a buyer opened through the API; the top-up's id and the session's. */
async function checkout(login, minor) {
  const { act } = await market.member(login);
  const input = {
    amount: { minor, currency: "RUB" },
    saveCard: false,
    idempotencyKey: `e2e-${Math.random()}`,
  };
  const { cardTopUp } = await act("createCheckout", input, "cardTopUp { id url }");
  const session = (await control("list", { kind: "checkout.session" })).find(
    (each) => each.url === cardTopUp.url,
  );
  return { id: cardTopUp.id, session: session.id };
}

test("a buyer tops up on the payment page, keeps the card, and sees the money", async () => {
  const login = await market.newcomer("BUYER", "Card Buyer");
  const { page, faults } = await enter(login, "en", "/buyer/wallet");
  await sees(page, "No money yet. Top up by card to start buying leads.");
  await sound(page);
  const open = await start(page, "Top up", "1,2");
  await open.locator('input[inputmode="decimal"]').fill("1234.567");
  await open.getByText("Enter an amount, like 1250.50.").waitFor();
  await open.locator('input[inputmode="decimal"]').fill("1 234.50");
  await open.getByLabel("Keep the card for later").check();
  await sound(page);
  await press(open, "Go to the payment page");
  await pay(page);
  await page.waitForURL(/\/buyer\/wallet\?topup=ctu_/);
  await sees(page, /^RUB\s1,234\.50 is in your wallet$/);
  await sound(page);
  assert.deepEqual(await wallet(login), { available: "123450", owed: "0" });
  await page.getByRole("tab", { name: "Cards" }).click();
  await sees(page, "Visa •••• 4242");

  // The kept card pays the next one without a page.
  const again = await start(page, "Top up", "100");
  assert.equal(await again.getByLabel("Visa •••• 4242").isChecked(), true);
  await press(again, "Charge the card");
  await sees(page, /^RUB\s100\.00 is in your wallet$/);
  assert.deepEqual(await wallet(login), { available: "133450", owed: "0" });

  // Auto-recharge: the least that is asked for, and what the exchange refuses.
  await page.getByRole("tab", { name: "Cards" }).click();
  await press(page, "Set up auto-recharge");
  const auto = await dialog(page);
  const currency = auto.getByRole("combobox", { name: "Currency" });
  if ((await currency.count()) > 0) await choose(auto, "Currency", "RUB");
  await auto.getByLabel("Threshold").fill("500");
  await auto.getByRole("textbox", { name: "Charge", exact: true }).fill("2000");
  await auto.getByLabel("At most in a month").fill("1000");
  await sound(page);
  await auto.locator('button[type="submit"]').click();
  await auto
    .getByText("The monthly maximum has to be at least the amount of one charge.")
    .waitFor();
  await auto.getByLabel("At most in a month").fill("6000");
  await send(page);
  await sees(page, "On");
  await sound(page);
  const { ask } = await market.member(login);
  const query = `{ autoRecharges {
    currency enabled threshold { minor } amount { minor } monthlyMax { minor } card { last4 } stop
  } }`;
  assert.deepEqual((await ask(query)).autoRecharges, [
    {
      currency: "RUB",
      enabled: true,
      threshold: { minor: "50000" },
      amount: { minor: "200000" },
      monthlyMax: { minor: "600000" },
      card: { last4: "4242" },
      stop: null,
    },
  ]);

  // Without the card it stops.
  await confirm(page, "Remove");
  await sees(page, "No saved cards. Tick “Keep the card for later” with your next top-up.");
  await done({ page, faults });
});

test("a declined card says why, and a page that was left says that nothing was charged", async () => {
  const login = await market.newcomer("BUYER", "Declined Buyer");
  const { page, faults } = await enter(login, "ru", "/buyer/wallet");
  const open = await start(page, "Пополнить", "700");
  await press(open, "Перейти к оплате");
  await pay(page, "4000 0000 0000 0002");
  await page.getByRole("alert").waitFor();
  await page.getByRole("link", { name: "Back" }).click();
  await page.waitForURL(/\/buyer\/wallet\?topup=ctu_.*cancelled=1/);
  await sees(page, "Вы вернулись без оплаты");
  await sound(page);

  // The same page is still open: a card that pays now, and refuses to be charged later.
  await page.getByRole("link", { name: "Открыть страницу оплаты" }).first().click();
  await pay(page);
  await sees(page, /^700,00\s₽ на вашем балансе$/);

  const kept = await start(page, "Пополнить", "300");
  await kept.getByLabel("Сохранить карту на будущее").check();
  await press(kept, "Перейти к оплате");
  await pay(page, "4000 0000 0000 0341");
  await sees(page, /^300,00\s₽ на вашем балансе$/);
  const charged = await start(page, "Пополнить", "50");
  await press(charged, "Списать с карты");
  await sees(page, /^Оплата на 50,00\s₽ не прошла$/);
  await sees(page, "Банк отклонил карту и не сообщил почему.");
  await sound(page);
  assert.deepEqual(await wallet(login), { available: "100000", owed: "0" });
  await page.close();
  assert.deepEqual(
    // The stand-in answers a declined card with 402, as Stripe's page does.
    faults.filter((each) => !each.includes("402")),
    [],
  );
});

test("unused credit goes back to its card", async () => {
  const login = await market.newcomer("BUYER", "Refund Buyer");
  const { session } = await checkout(login, "100000");
  await control("pay", { session });
  await market.until(async () => (await wallet(login))?.available === "100000", "credit");
  const { page, faults } = await enter(login, "en", "/buyer/wallet?tab=topUps");
  const list = page.getByRole("table", { name: "By card" });
  await list.getByText("In the wallet").waitFor();
  await press(list, "Refund");
  const open = await dialog(page);
  const amount = open.getByLabel("Amount");
  assert.equal(await amount.inputValue(), "1000.00");
  await amount.fill("1000.01");
  await open.locator('button[type="submit"]').click();
  await open.getByText("There is not so much unused credit of this top-up.").waitFor();
  await sound(page);
  await amount.fill("250.75");
  await send(page);
  const refunds = page.getByRole("table", { name: "Refunds to cards" });
  await refunds.getByText("RUB 250.75").waitFor();
  await market.until(async () => {
    await page.reload();
    await loaded(page);
    return (await refunds.getByText("Sent to the card", { exact: true }).count()) > 0;
  }, "refund that went");
  await list.getByText("RUB 250.75").waitFor();
  await sound(page);
  assert.deepEqual(await wallet(login), { available: "74925", owed: "0" });
  await done({ page, faults });
});

test("FINANCE credits what truly came in, and follows a chargeback to its end", async () => {
  const login = await market.newcomer("BUYER", "Held Buyer");
  const held = await checkout(login, "50000");
  await control("pay", { session: held.session, amount: 40000 });
  const good = await checkout(login, "90000");
  await control("pay", { session: good.session });
  await market.until(async () => (await wallet(login))?.available === "90000", "credit");

  const buyer = await enter(login, "ru", `/buyer/wallet?topup=${held.id}`);
  await sees(buyer.page, /^Операторы проверяют оплату на /);
  await sees(buyer.page, "Пришла другая сумма");
  await sound(buyer.page);
  await done(buyer);

  const { page, faults } = await enter(
    demo.operator,
    "en",
    "/operator/top-ups?tab=cards&state=HELD",
  );
  const line = row(page, "Held Buyer");
  await line.getByText("Another amount came in").waitFor();
  await line.getByText("RUB 400.00").waitFor();
  await sound(page);
  await confirm(page, "Credit", {
    within: line,
    note: "Seen at the provider",
    required: true,
  });
  await line.waitFor({ state: "detached" });
  assert.deepEqual(await wallet(login), { available: "130000", owed: "0" });

  // The bank takes back the good one.
  const { ask } = await market.member(login);
  const { cardTopUp } = await ask("query($id: ID!) { cardTopUp(id: $id) { paymentReference } }", {
    id: good.id,
  });
  const opened = await control("dispute", {
    payment_intent: cardTopUp.paymentReference,
    reason: "fraudulent",
  });
  await market.until(async () => (await wallet(login)).available === "40000", "chargeback");
  await page.getByRole("tab", { name: /^Chargebacks/ }).click();
  const dispute = row(page, "Held Buyer");
  await dispute.getByText("The holder does not know the payment").waitFor();
  await sound(page);
  await press(dispute, "Note");
  const note = await dialog(page);
  await note.getByLabel("Note").fill("Invoice and log sent");
  await sound(page);
  await send(page);
  await dispute.getByText("Invoice and log sent").waitFor();
  await control("dispute/close", { dispute: opened.id, status: "won" });
  await market.until(async () => (await wallet(login)).available === "130000", "money back");
  await page.reload();
  await dispute.getByText("Won", { exact: true }).waitFor();

  await page.getByRole("tab", { name: /^Provider’s messages/ }).click();
  await sees(page, "charge.dispute.closed");
  await sound(page);
  await done({ page, faults });
});
