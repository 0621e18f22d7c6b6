// What buyers' servers and files report, and what publishers claim was not reported.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, launch, loaded } from "./browser.mjs";
import { confirm, dialog, press, row, sees, send, sound } from "./hands.mjs";
import * as market from "./market.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const [buyer] = demo.buyers;
const [publisher] = demo.publishers;
const enter = (login, language, path) => market.enter(browser.context, login, language, path);
const unique = (name) => `${name} ${Date.now()}`;
const goals = [
  {
    kind: "SALE",
    price: { minor: "500000", currency: "RUB" },
    attributionWindowS: 30 * 86_400,
    reserveBps: 0,
    several: true,
  },
];

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

/** A fresh person sold to an offer that pays 5,000.00 for a sale: the award's id. */
async function award() {
  const target = await market.offer(buyer, unique("Pays for sales"), { approved: true, goals });
  const { key } = await market.source(publisher, unique("Source"), { target, approved: true });
  const { awards } = await market.send(market.person(), {}, key);
  return awards[0].award_id;
}

test("a postback's address is made, used and ended; the log says what came in", async () => {
  const id = await award();
  const name = unique("Tracker");
  const { page, faults } = await enter(buyer, "en", "/buyer/postbacks");
  await press(page, "Make an address");
  const form = await dialog(page);
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Signed").uncheck();
  await sound(page);
  await form.locator('button[type="submit"]').click();
  const secret = page.getByTestId("secret");
  await secret.waitFor();
  const address = (await secret.innerText()).trim();
  assert.match(address, /\/v1\/postback\/\w+/);
  await press(page, "I have stored it");
  await row(page, name).waitFor();
  const path = new URL(address).pathname;
  const sale = `${demo.url}${path}?award_id=${id}&goal=SALE&external_id=order-7`;
  assert.equal((await fetch(sale)).status, 200);
  await fetch(`${demo.url}${path}?award_id=${id}&goal=SALE`);
  await page.reload();
  await page.locator('a[href*="/conversions/cnv_"]').first().waitFor();
  await sound(page);
  await done({ page, faults });

  const russian = await enter(buyer, "ru", "/buyer/postbacks?show=refused");
  await loaded(russian.page);
  await row(russian.page, name).waitFor();
  await confirm(russian.page, "Закрыть", { within: row(russian.page, `${name}`) });
  await sees(russian.page, "Закрыт", false);
  await sound(russian.page);
  await done(russian);
});

test("a file is compared, row by row, and applied once", async () => {
  const [known, fresh] = [await award(), await award()];
  const { act, ask } = await market.member(buyer);
  await act(
    "reportConversion",
    { awardId: known, goal: "SALE", externalId: "A-1", idempotencyKey: unique("key") },
    "conversion { id }",
  );
  const at = new Date().toISOString();
  const csv = [
    "award_id,external_id,goal,occurred_at,status",
    `${known},A-1,SALE,${at},approved`,
    `${fresh},B-1,SALE,${at},approved`,
    `awd_01jd0000000000000000000001,C-1,SALE,${at},approved`,
  ].join("\n");
  const { page, faults } = await enter(buyer, "ru", "/buyer/reconciliation");
  await page.getByRole("textbox").last().fill(csv);
  await sound(page);
  await press(page, "Сверить");
  await page.waitForURL(/\/buyer\/reconciliation\/rec_/);
  await row(page, "B-1").getByText("Только в файле").waitFor();
  await row(page, "C-1").waitFor();
  await sound(page);
  await confirm(page, "Применить");
  await row(page, "B-1").getByText("Готово").waitFor();
  await sees(page, "Применена");
  await sound(page);
  await done({ page, faults });
  const query = "query($id: ID!) { award(id: $id) { conversions { goal price { minor } } } }";
  assert.deepEqual((await ask(query, { id: fresh })).award.conversions, [
    { goal: "SALE", price: { minor: "500000" } },
  ]);
});

test("a sale that was not reported is claimed, contested, and decided", async () => {
  const id = await award();
  const english = await enter(publisher, "en", `/awards/${id}`);
  await press(english.page, "Claim a missing event");
  const form = await dialog(english.page);
  await form.getByLabel("How do you know?").fill("The customer sent the contract.");
  await sound(english.page);
  await send(english.page);
  await english.page.waitForURL(/\/disputes\/dsp_/);
  await sees(english.page, "claimed that it was not reported");
  await sound(english.page);
  const path = new URL(english.page.url()).pathname;
  await done(english);

  const russian = await enter(buyer, "ru", path);
  await confirm(russian.page, "Оспорить", { note: "Договора нет.", required: true });
  await sees(russian.page, "оспорил заявление");
  await sound(russian.page);
  await done(russian);

  const operator = await enter(demo.operator, "en", path);
  await press(operator.page, "Decide");
  const decision = await dialog(operator.page);
  await decision.getByLabel("Uphold in full").check();
  await decision.getByLabel("Comment").fill("The contract is signed.");
  await sound(operator.page);
  await send(operator.page);
  await sees(operator.page, "upheld the claim");
  await done(operator);
  const { ask } = await market.member(buyer);
  const query = "query($id: ID!) { award(id: $id) { conversions { goal price { minor } } } }";
  assert.deepEqual((await ask(query, { id })).award.conversions, [
    { goal: "SALE", price: { minor: "500000" } },
  ]);
});
