// What an operator decides, in a browser: held leads, offers, sources, organizations, money in and
// money out. Each test brings what is decided, and asks the API what became of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { demo, launch, open, speak } from "./browser.mjs";
import { card, choose, confirm, dialog, press, row, sees, send, sound } from "./hands.mjs";
import * as market from "./market.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const operator = demo.operator;
const [buyer] = demo.buyers;
const [publisher] = demo.publishers;
const enter = (login, language, path) => market.enter(browser.context, login, language, path);

/** A name that no earlier run has used. */
const unique = (name) => `${name} ${Date.now()}`;

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

test("a held lead is released and sold, another is rejected for a reason", async () => {
  const target = await market.offer(buyer, "For held leads", { approved: true });
  const { key } = await market.source(publisher, "Hasty form", { target, approved: true });
  const hasty = () => market.send(market.person(), { honeypot: "x" }, key);
  const [good, bad] = [await hasty(), await hasty()];
  assert.deepEqual([good.verdict, bad.verdict], ["QUARANTINED", "QUARANTINED"]);

  const english = await enter(operator, "en", "/operator/approvals?tab=leads");
  await english.page.locator(`a[href$="${good.lead_id}"]`).click();
  await sound(english.page);
  await confirm(english.page, "Release to the market", { note: "The person answered the phone." });
  await sees(english.page, "Sold");
  await done(english);

  const russian = await enter(operator, "ru", `/leads/${bad.lead_id}`);
  await confirm(russian.page, "Отклонить", { note: "Заполнил робот.", required: true });
  await sees(russian.page, "Отклонён");
  await sound(russian.page);
  await done(russian);

  const { ask } = await market.member(operator);
  const query = "query($id: ID!) { lead(id: $id) { state reasonCode awards { price { minor } } } }";
  assert.deepEqual((await ask(query, { id: good.lead_id })).lead, {
    state: "SOLD",
    reasonCode: null,
    awards: [{ price: { minor: "77700" } }],
  });
  assert.deepEqual((await ask(query, { id: bad.lead_id })).lead, {
    state: "REJECTED",
    reasonCode: "RISK_REFUSED",
    awards: [],
  });
});

test("an offer is approved, another is refused and its buyer reads why", async () => {
  const [good, bad] = [unique("Good offer"), unique("Bad offer")];
  const [approved, refused] = [await market.offer(buyer, good), await market.offer(buyer, bad)];

  const english = await enter(operator, "en", "/operator/approvals?tab=offers");
  await confirm(english.page, "Approve", { within: card(english.page, good) });
  await card(english.page, good).waitFor({ state: "detached" });
  await done(english);

  const note = "Цена ниже, чем в описании.";
  const russian = await enter(operator, "ru", "/operator/approvals?tab=offers");
  const within = card(russian.page, bad);
  await confirm(russian.page, "Отклонить", { within, note, required: true });
  await within.waitFor({ state: "detached" });
  await done(russian);

  const reader = await enter(buyer, "ru", `/buyer/offers/${refused}`);
  await sees(reader.page, note, false);
  await sound(reader.page);
  await done(reader);

  const { ask } = await market.member(buyer);
  const query = "query($id: ID!) { offer(id: $id) { state versions { state note } } }";
  const states = [await ask(query, { id: approved }), await ask(query, { id: refused })];
  assert.deepEqual(
    states.map(({ offer }) => offer),
    [
      { state: "ACTIVE", versions: [{ state: "EFFECTIVE", note: null }] },
      { state: "DRAFT", versions: [{ state: "REFUSED", note }] },
    ],
  );
});

test("a source is approved, another is refused and its publisher reads why", async () => {
  const [good, bad] = [unique("Good source"), unique("Bad source")];
  const approved = await market.source(publisher, good);
  const refused = await market.source(publisher, bad);

  const english = await enter(operator, "en", "/operator/approvals?tab=sources");
  await confirm(english.page, "Approve", { within: row(english.page, good) });
  await row(english.page, good).waitFor({ state: "detached" });
  await done(english);

  const note = "На сайте нет согласия.";
  const russian = await enter(operator, "ru", "/operator/approvals?tab=sources");
  const within = row(russian.page, bad);
  await confirm(russian.page, "Отклонить", { within, note, required: true });
  await within.waitFor({ state: "detached" });
  await done(russian);

  const reader = await enter(publisher, "ru", `/publisher/sources/${refused.id}`);
  await sees(reader.page, note);
  await sound(reader.page);
  await done(reader);

  const { ask } = await market.member(publisher);
  const query = "query($id: ID!) { source(id: $id) { state note } }";
  assert.deepEqual((await ask(query, { id: approved.id })).source, { state: "ACTIVE", note: null });
  assert.deepEqual((await ask(query, { id: refused.id })).source, { state: "REFUSED", note });
});

test("a visitor signs up, waits, and is let in; another is refused", async () => {
  await browser.context.clearCookies();
  const visitor = await open(browser.context, "/sign-up");
  await speak(visitor.page, "en");
  await sound(visitor.page);
  const name = unique("Fresh Leads");
  const type = (label, text) => visitor.page.getByLabel(label, { exact: false }).first().fill(text);
  await visitor.page.getByLabel("Sell leads").check();
  await type("Name of your company", name);
  await type("Your name", "Fred Fresh");
  await type("E-mail", `fred${Date.now()}@mail.example.com`);
  await type("Password", "a long password");
  await type("Country", "RU");
  await visitor.page.locator('form button[type="submit"]').click();
  await sees(visitor.page, "Your organization waits for approval");
  const cookies = await browser.context.cookies();

  const english = await enter(operator, "en", "/operator/approvals?tab=organizations");
  await confirm(english.page, "Approve", { within: row(english.page, name) });
  await row(english.page, name).waitFor({ state: "detached" });
  await done(english);

  await browser.context.clearCookies();
  await browser.context.addCookies(cookies);
  await visitor.page.reload();
  await sees(visitor.page, "Leads today");
  assert.equal(await visitor.page.getByText("waits for approval").count(), 0);
  await done(visitor);

  const refused = await market.newcomer("BUYER", unique("Bad Leads"), { pending: true });
  const russian = await enter(operator, "ru", "/operator/approvals?tab=organizations");
  const within = row(russian.page, refused.organization);
  await confirm(russian.page, "Отказать", { within, note: "Нет в реестре.", required: true });
  await within.waitFor({ state: "detached" });
  await done(russian);

  const { ask } = await market.member(operator);
  const query = "query($id: ID!) { organization(id: $id) { state note } }";
  const { organization } = await ask(query, { id: refused.organization_id });
  assert.deepEqual(organization, { state: "CLOSED", note: "Нет в реестре." });
});

test("a recorded top-up is in the buyer's wallet to the last minor unit", async () => {
  const payer = await market.newcomer("BUYER", unique("Payer"));
  const { page, faults } = await enter(operator, "en", "/operator/top-ups");
  await press(page, "Record a top-up");
  const form = await dialog(page);
  await choose(form, "Buyer", payer.organization);
  await choose(form, "Currency", "RUB");
  await form.getByLabel("Amount").fill("1234.56");
  await form.getByLabel("Reference").fill("payment order 77");
  await sound(page);
  await send(page);
  await row(page, payer.organization).waitFor();
  await done({ page, faults });

  const wallet = await enter(payer, "ru", "/buyer/wallet");
  await sees(wallet.page, /1\s?234,56\s?₽/);
  await wallet.page.getByRole("tab", { name: "Пополнения" }).click();
  await row(wallet.page, "payment order 77").waitFor();
  await sound(wallet.page);
  await done(wallet);
  const { ask } = await market.member(payer);
  const { wallets } = await ask("{ wallets { available { minor currency } } }");
  assert.deepEqual(wallets, [{ available: { minor: "123456", currency: "RUB" } }]);
});

test("a settlement is planned, approved, exported and confirmed; the publisher sees it paid", async () => {
  const seller = await market.newcomer("PUBLISHER", unique("Seller"));
  const { ask, act } = await market.member(seller);
  const account = { holder: "Seller GmbH", country: "DE", iban: "DE89370400440532013000" };
  const profile = { currency: "RUB", rail: "BANK_FILE", account };
  await act("setPayoutProfile", profile, "profile { rail }");
  const target = await market.offer(buyer, "Paid at once", {
    approved: true,
    goals: [{ kind: "LEAD", price: { minor: "1000000", currency: "RUB" } }],
    returnWindowS: 0,
    holdS: 0,
    lockS: 0,
  });
  const { key } = await market.source(seller, "Paid source", { target, approved: true });
  const sold = await market.send(market.person(), {}, key);
  assert.deepEqual(sold.earning, { minor: "850000", currency: "RUB" });
  const earned = async () => (await ask("{ earnings { payable { minor } } }")).earnings[0];
  // Holds end once a minute.
  const payable = async () => (await earned())?.payable.minor === "850000";
  await market.until(payable, "payable earning", 90);

  const { page, faults } = await enter(operator, "en", "/operator/settlements");
  await press(page, "Plan a settlement");
  const plan = await dialog(page);
  await press(plan, "Now");
  await sound(page);
  await send(page);
  const line = row(page, seller.organization);
  await confirm(page, "Approve", { within: line });
  await line.getByText("Approved", { exact: true }).waitFor();
  await press(page, "Export payouts");
  await dialog(page);
  const [download] = await Promise.all([page.waitForEvent("download"), send(page)]);
  const lines = readFileSync(await download.path(), "utf8").split("\n");
  const paid = lines.filter((text) => text.includes(seller.organization_id));
  assert.deepEqual(
    paid.map((text) => text.split(",").slice(3, 6)),
    [["DE89370400440532013000", "8500.00", "RUB"]],
  );
  await line.getByText("Exported", { exact: true }).waitFor();
  await sound(page);
  await line.getByRole("link").first().click();
  await press(page, "Confirm");
  const arrived = await dialog(page);
  const reference = arrived.getByLabel("Reference");
  assert.equal(await reference.evaluate((field) => field.validity.valueMissing), true);
  await reference.fill("bank/77");
  await sound(page);
  await send(page);
  await sees(page, "Paid");
  await sound(page);
  await done({ page, faults });

  const reader = await enter(seller, "ru", "/publisher/statements");
  await sees(reader.page, "Выплачен");
  await sees(reader.page, /8\s?500,00\s?₽/);
  await sound(reader.page);
  await done(reader);
  const query =
    "{ statements { nodes { state total { minor } payouts { state reference } } } earnings { paid { minor } } }";
  const { statements, earnings } = await ask(query);
  assert.deepEqual(statements.nodes, [
    {
      state: "PAID",
      total: { minor: "850000" },
      payouts: [{ state: "CONFIRMED", reference: "bank/77" }],
    },
  ]);
  assert.equal(earnings[0].paid.minor, "850000");
});
