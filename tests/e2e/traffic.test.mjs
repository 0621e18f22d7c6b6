// Calls, clicks and pings: the number that calls go to, a call told by hand to its bill, a tracking
// link from its landing page to the statistics, and bids with their ends.
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

const operator = demo.operator;
const [buyer] = demo.buyers;
const [publisher] = demo.publishers;
const enter = (login, language, path) => market.enter(browser.context, login, language, path);
const unique = (name) => `${name} ${Date.now()}`;

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

/** Tells an event of a call in the publisher's dialog; the page of the call is open then. */
async function tell(page, event, fill) {
  await press(page, "Tell an event");
  const open = await dialog(page);
  await choose(open, /Source/, fill.source);
  await choose(open, "Event", event);
  await open.getByLabel(/Your id of the call/).fill(fill.externalId);
  if (fill.caller) await open.getByLabel("Caller").fill(fill.caller);
  if (fill.seconds) await open.getByLabel(/Connected, seconds/).fill(fill.seconds);
  await sound(page);
  await open.locator('button[type="submit"]').click();
  await page.waitForURL(/\/calls\/call_/);
  await loaded(page);
}

test("a call goes to the number that its buyer set, and is billed when it was long enough", async () => {
  const goals = [
    {
      kind: "CALL",
      price: { minor: "90000", currency: "RUB" },
      minCallSeconds: 5,
      callsAtOnce: 2,
    },
  ];
  const name = unique("Calls");
  const target = await market.offer(buyer, name, {
    approved: true,
    goals,
    dedupeWindowS: 0,
  });
  const sourceName = unique("Line");
  await market.source(publisher, sourceName, { target, approved: true });

  const english = await enter(buyer, "en", `/buyer/offers/${target}`);
  await sees(english.page, "No number is set: the offer buys no calls.");
  await sees(english.page, /calls at once: 2/);
  await press(english.page, "Set the number");
  const wrong = await dialog(english.page);
  await wrong.getByLabel(/Number or SIP address/).fill("reception");
  await wrong.locator('button[type="submit"]').click();
  await wrong
    .getByText("Give a telephone number with its country code, or a SIP address.")
    .waitFor();
  await sound(english.page);
  await wrong.getByLabel(/Number or SIP address/).fill("+7 495 123-45-67");
  await send(english.page);
  await sees(english.page, "+74951234567");
  await sound(english.page);
  await done(english);

  const { page, faults } = await enter(publisher, "en", "/publisher/calls");
  const n = String(Math.floor(Math.random() * 10_000_000)).padStart(7, "0");
  const fill = { source: sourceName, externalId: `pbx ${n}` };
  await tell(page, "Started", { ...fill, caller: `+7916${n}` });
  await sees(page, "Sold and on its way to the buyer; its price is reserved.");
  await sees(page, "+74951234567");
  const call = new URL(page.url()).pathname.split("/").at(-1);
  await sound(page);
  // It was connected for as long as the clock says: events from the same moment are no call.
  const { act, ask } = await market.member(publisher);
  const startedAt = Date.parse(
    (await ask("query($id: ID!) { call(id: $id) { startedAt } }", { id: call })).call.startedAt,
  );
  const { source } = (
    await ask("query($id: ID!) { call(id: $id) { source { id } } }", {
      id: call,
    })
  ).call;
  const early = new Date(startedAt - 60_000).toISOString();
  await assert.rejects(
    act(
      "reportCall",
      {
        sourceId: source.id,
        event: "ENDED",
        externalId: fill.externalId,
        at: early,
        connectedSeconds: 9,
      },
      "call { state }",
    ),
    /CALL_IMPOSSIBLE/,
  );
  await new Promise((wait) => setTimeout(wait, 4_500));
  await page.goto(`${demo.url}/publisher/calls`);
  await loaded(page);
  await tell(page, "Ended", { ...fill, seconds: "6" });
  await sees(page, "It is over and was long enough: billed.");
  await sees(page, /RUB\s?765\.00/);
  await sound(page);
  await done({ page, faults });

  const russian = await enter(buyer, "ru", `/buyer/calls?offer=${target}`);
  await row(russian.page, "оплата от 5").getByText("Оплачен").waitFor();
  await sees(russian.page, `+7916${n}`);
  await sound(russian.page);
  await row(russian.page, "оплата от 5")
    .getByRole("link", { name: /^call_/ })
    .click();
  await loaded(russian.page);
  await sees(russian.page, "Разговор окончен и был достаточно долгим: оплачен.");
  await sees(russian.page, /900,00\s?₽/);
  await sound(russian.page);
  await done(russian);

  const asked = await (
    await market.member(buyer)
  ).ask("query($id: ID!) { call(id: $id) { state connectedSeconds price { minor } } }", {
    id: call,
  });
  assert.deepEqual(asked.call, {
    state: "QUALIFIED",
    connectedSeconds: 6,
    price: { minor: "90000" },
  });

  const last = await enter(buyer, "en", `/buyer/offers/${target}`);
  await confirm(last.page, "Take it away");
  await sees(last.page, "No number is set: the offer buys no calls.");
  await done(last);
});

test("a tracking link is set, spread, clicked and counted by its sub-id", async () => {
  const made = await market.source(publisher, unique("Blog"), {
    approved: true,
  });
  const { page, faults } = await enter(publisher, "en", `/publisher/sources/${made.id}`);
  await sees(page, "No landing page is set: the link answers that it leads nowhere.");
  await press(page, "Set the landing page");
  const open = await dialog(page);
  await open.getByLabel("Landing page").fill("http://shop.example.com");
  await open.locator('button[type="submit"]').click();
  await open.getByText("Enter an https address.").waitFor();
  await open.getByLabel("Landing page").fill("https://shop.example.com/credit?from=blog");
  await open.getByLabel(/Parameter of the click id/).fill("from");
  await open.locator('button[type="submit"]').click();
  await open.getByText(/name of the parameter/).waitFor();
  await sound(page);
  await open.getByLabel(/Parameter of the click id/).fill("cid");
  await send(page);
  await sees(page, "https://shop.example.com/credit?from=blog&cid=clk_…");
  await page.getByLabel("sub1 (optional)").fill("morning show");
  const link = await page.getByLabel("The link to spread").inputValue();
  assert.equal(link, `${demo.url}/c/${made.id}?sub1=morning+show`);
  await sound(page);

  const visit = (agent) =>
    fetch(link, { redirect: "manual", headers: { "user-agent": agent } }).then((response) => [
      response.status,
      response.headers.get("location")?.replace(/clk_\w+$/, "clk_"),
    ]);
  const there = [302, "https://shop.example.com/credit?from=blog&cid=clk_"];
  assert.deepEqual(await visit("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"), there);
  assert.deepEqual(await visit("curl/8.5.0"), there);

  await page.goto(`${demo.url}/publisher/clicks?source=${made.id}&by=1`);
  await loaded(page);
  const sums = page.getByRole("table", { name: "What came of them" });
  await sums.getByRole("row").filter({ hasText: "morning show" }).waitFor();
  const cells = await sums.getByRole("row").nth(1).getByRole("cell").allInnerTexts();
  assert.deepEqual(cells.slice(0, 5), ["morning show", "1", "1", "0", "0"]);
  await sees(page, "A machine by its name");
  await sound(page);
  await done({ page, faults });

  const russian = await enter(operator, "ru", `/operator/clicks?source=${made.id}`);
  await sees(russian.page, "Робот по названию");
  // Sub-ids are their publisher's own words.
  assert.equal(await russian.page.getByText("morning show").count(), 0);
  await sound(russian.page);
  await done(russian);
});

test("bids are held and end; publisher and operator see them, each their own side", async () => {
  const target = await market.offer(buyer, unique("Bids"), { approved: true });
  const { key } = await market.source(publisher, unique("Pinger"), {
    target,
    approved: true,
  });
  const { ask } = await market.member(operator);
  const { niche } = await ask(
    "query($id: ID!) { niche(id: $id) { version { fields { name ping } } } }",
    { id: demo.niche_id },
  );
  const names = niche.version.fields.filter((field) => field.ping).map((field) => field.name);
  const fields = Object.fromEntries(
    Object.entries(demo.sample).filter(([name]) => names.includes(name)),
  );
  const response = await fetch(`${demo.url}/v1/pings`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ fields }),
  });
  const answer = await response.json();
  assert.equal(answer.verdict, "BIDS");

  const wallet = await enter(buyer, "en", "/buyer/wallet");
  await sees(wallet.page, /of it by open bids on pings/);
  await sound(wallet.page);
  await done(wallet);

  const english = await enter(publisher, "en", `/pings/${answer.ping_id}`);
  await row(english.page, "this buyer only").getByText("Reserved", { exact: true }).waitFor();
  await sees(english.page, /RUB\s?660\.45/);
  assert.equal(await english.page.getByText(/RUB\s?777\.00/).count(), 0);
  await sound(english.page);
  await done(english);

  const sold = await market.send(market.person(), { ping_id: answer.ping_id }, key);
  assert.equal(sold.verdict, "SOLD");
  const russian = await enter(operator, "ru", "/operator/pings");
  await russian.page.locator(`a[href$="${answer.ping_id}"]`).click();
  await loaded(russian.page);
  await row(russian.page, "Куплена")
    .getByText(/777,00\s?₽/)
    .first()
    .waitFor();
  await sees(russian.page, "Журнал ставок");
  await sound(russian.page);
  await russian.page.goto(`${demo.url}/operator/pings`);
  await russian.page.getByRole("tab", { name: "Доля постов" }).click();
  await row(russian.page, "Pinger").waitFor();
  await sound(russian.page);
  await done(russian);
});
