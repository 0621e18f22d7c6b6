// The finance desk in a browser: credit, a conversion, a closed period, and what the buyer sees.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, launch } from "./browser.mjs";
import { choose, dialog, press, row, sees, send, sound } from "./hands.mjs";
import * as market from "./market.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const enter = (login, language, path) => market.enter(browser.context, login, language, path);

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

/** A new buyer with 5,000.00 roubles of its own. */
async function funded() {
  const buyer = await market.newcomer("BUYER", `Borrower ${Date.now()}`);
  const operator = await market.member(demo.operator);
  const input = {
    buyerId: buyer.organization_id,
    amount: { minor: "500000", currency: "RUB" },
    rail: "BANK",
    reference: `Borrower ${Date.now()}`,
    idempotencyKey: crypto.randomUUID(),
  };
  await operator.act("recordTopUp", input, "topUp { id }");
  return buyer;
}

/** Free money, credit and own money of a buyer in roubles. */
async function wallet(buyer) {
  const { ask } = await market.member(buyer);
  const sums = "available { minor } creditLimit { minor } ownFunds { minor }";
  const { wallets } = await ask(`{ wallets { currency ${sums} } }`);
  const own = wallets.find((each) => each.currency === "RUB");
  return [own.available.minor, own.creditLimit.minor, own.ownFunds.minor];
}

test("a credit limit is set with a reason, and its buyer reads it", async () => {
  const buyer = await funded();
  assert.deepEqual(await wallet(buyer), ["500000", "0", "500000"]);
  const note = `A year of payments ${Date.now()}`;
  const english = await enter(demo.operator, "en", "/operator/finance");
  await press(english.page, "Set a credit limit");
  const set = await dialog(english.page);
  await choose(set, "Buyer", buyer.organization);
  await choose(set, "Currency", "RUB");
  await set.getByLabel("Credit limit").fill("2500.50");
  await set.getByText(/^RUB\s?0\.00$/).waitFor();
  await set.getByLabel("Why").fill(note);
  await sound(english.page);
  await send(english.page);
  await row(english.page, note)
    .getByText(/^RUB\s?2,500\.50$/)
    .waitFor();
  await sound(english.page);
  await done(english);
  assert.deepEqual(await wallet(buyer), ["750050", "250050", "500000"]);

  const russian = await enter(buyer, "ru", "/buyer/wallet");
  await sees(russian.page, /^7\s500,50\s₽$/);
  await sees(russian.page, "кредитный лимит:", false);
  // The running balance of the newest movement is what is free now.
  const newest = russian.page.locator("tbody tr").first();
  await newest
    .locator("td")
    .last()
    .getByText(/^7\s500,50\s₽$/)
    .waitFor();
  await russian.page.getByRole("tab", { name: "Кредит" }).click();
  await row(russian.page, note)
    .getByText(/^2\s500,50\s₽$/)
    .waitFor();
  await sound(russian.page);
  await done(russian);
});

test("money is converted at a rate, as the preview says", async () => {
  const buyer = await funded();
  const english = await enter(demo.operator, "en", "/operator/finance?tab=conversions");
  await press(english.page, "Convert money");
  const convert = await dialog(english.page);
  await choose(convert, "Buyer", buyer.organization);
  await choose(convert, "From", "RUB");
  await convert.getByLabel("Sold amount").fill("1000");
  await choose(convert, "To", "USD");
  await convert.getByLabel("Rate").fill("0.01085");
  await convert.getByText(/10\.85$/).waitFor();
  await sound(english.page);
  await send(english.page);
  await row(english.page, buyer.organization).getByText("0.01085", { exact: true }).waitFor();
  await sound(english.page);
  await done(english);
  assert.deepEqual(await wallet(buyer), ["400000", "0", "400000"]);

  const russian = await enter(buyer, "ru", "/buyer/wallet");
  await russian.page.getByRole("tab", { name: "Обмен валют" }).click();
  await row(russian.page, "0.01085")
    .getByText(/^1\s000,00\s₽$/)
    .waitFor();
  await row(russian.page, "0.01085")
    .getByText(/^10,85/)
    .waitFor();
  await sound(russian.page);
  await done(russian);
});

test("a period is closed for good, after a warning", async () => {
  const { page, faults } = await enter(demo.operator, "ru", "/operator/finance?tab=closes");
  await press(page, "Закрыть период");
  const close = await dialog(page);
  await close.getByText("Это навсегда", { exact: true }).waitFor();
  await press(close, "Начало прошлого месяца");
  await press(close, "Закрыть период");
  await close.getByText("Подтвердите, чтобы закрыть период.").waitFor();
  await sound(page);
  await close.getByLabel("Я понимаю, что это нельзя отменить.").check();
  await send(page);
  const { ask } = await market.member(demo.operator);
  const { ledgerCloses } = await ask("{ ledgerCloses { closedUntil } }");
  assert.equal(ledgerCloses.length, 1);
  await page.locator(`time[datetime="${ledgerCloses[0].closedUntil}"]`).waitFor();
  await sound(page);
  await done({ page, faults });
});
