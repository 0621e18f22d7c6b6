// Ids that lead somewhere for everybody, the niche's routing as a form, and decisions in words.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { demo, launch, loaded } from "./browser.mjs";
import { choose, press, row, sees, sound } from "./hands.mjs";
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

/** Where the first link with this text leads. */
async function follow(page, text) {
  await page.locator("main").getByRole("link", { name: text, exact: true }).first().click();
  await loaded(page);
  return new URL(page.url()).pathname;
}

test("a niche is a page for a buyer, and its version too", async () => {
  const { ask } = await market.member(buyer);
  const query = "query($id: ID!) { niche(id: $id) { name { en ru } version { id version } } }";
  const { niche } = await ask(query, { id: demo.niche_id });

  const english = await enter(buyer, "en", `/buyer/offers/${demo.offer_id}`);
  assert.equal(await follow(english.page, niche.name.en), `/niches/${demo.niche_id}`);
  await sees(english.page, "Reasons for a return");
  await sees(english.page, "Longest return window");
  await sees(english.page, "Lowest price of a lead");
  await sound(english.page);
  await english.page.locator(`a[href$="${niche.version.id}"]`).click();
  await sees(english.page, `${niche.name.en} · version ${niche.version.version}`);
  await sound(english.page);
  await done(english);

  const russian = await enter(publisher, "ru", `/publisher/sources/${demo.source_id}`);
  assert.equal(await follow(russian.page, niche.name.ru), `/niches/${demo.niche_id}`);
  await sees(russian.page, "Причины возврата");
  // A publisher never sees a price.
  assert.equal(await russian.page.getByText("Самая низкая цена лида").count(), 0);
  await sound(russian.page);
  await done(russian);
});

test("the own organization opens by its id, a stranger is said to be one", async () => {
  const { page, faults } = await enter(buyer, "en", "/");
  await press(page, "Open an id");
  await page.getByRole("textbox", { name: "Id" }).fill(buyer.organization_id);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/account/organization");
  const { ask } = await market.member(publisher);
  const { viewer } = await ask("{ viewer { user { id } } }");
  await page.goto(`${demo.url}/records/${viewer.user.id}`);
  await sees(page, "Somebody of another organization: the exchange shows you no more of them.");
  await sound(page);
  await done({ page, faults });
});

test("a routing is published as a form, in both languages", async () => {
  const { ask, act } = await market.member(operator);
  const query = "{ niches { id slug version { version schema policy } } }";
  const others = (await ask(query)).niches.filter((niche) => niche.id !== demo.niche_id);
  const { id } = others.at(-1);
  const now = async () => (await ask(query)).niches.find((niche) => niche.id === id).version;
  const publish = async (routing) => {
    const { schema, policy } = await now();
    const input = { nicheId: id, schema, policy: { ...policy, routing } };
    await act("publishNicheVersion", input, "niche { id }");
  };
  const auction = { strategy: "AUCTION", tie_breaks: [], groups: [], offers: {} };
  // A fresh market has it already, and what says nothing new is refused.
  const { routing } = (await now()).policy;
  if (routing && !isDeepStrictEqual(routing, auction)) await publish(auction);
  const before = await now();
  const offers = await ask(
    "query($id: ID!) { offers(nicheId: $id, first: 1) { nodes { id name } } }",
    { id },
  );
  const [offer] = offers.offers.nodes;

  const english = await enter(operator, "en", `/operator/niches/${id}`);
  await follow(english.page, "Change the routing");
  const save = english.page.getByRole("button", { name: "Publish the routing" });
  assert.equal(await save.isDisabled(), true);
  await english.page.getByLabel("Group after group").check();
  await save.click();
  await sees(english.page, "Add at least one group.");
  await press(english.page, "Add a group");
  await choose(english.page.locator("main"), "Within the group", "By lot");
  await choose(english.page.locator("main"), `Group: ${offer.name}`, "Group 1");
  await english.page.getByLabel(`Weight: ${offer.name}`).fill("0");
  await save.click();
  await sees(english.page, "A whole number from 1 to 10000.");
  await sound(english.page);
  await english.page.getByLabel(`Weight: ${offer.name}`).fill("300");
  await save.click();
  await english.page.waitForURL(`**/operator/niches/${id}`);
  await sees(
    english.page,
    "Groups are asked one after the other; the first group that can buy, buys.",
  );
  await sound(english.page);
  await done(english);
  assert.deepEqual(await now(), {
    version: before.version + 1,
    schema: before.schema,
    policy: {
      ...before.policy,
      routing: {
        strategy: "WATERFALL",
        tie_breaks: [],
        groups: [{ number: 1, strategy: "WEIGHTED", tie_breaks: [] }],
        offers: { [offer.id]: { group: 1, weight: 300 } },
      },
    },
  });

  const russian = await enter(operator, "ru", `/operator/niches/${id}/routing`);
  await russian.page.getByLabel("По приоритету").check();
  await russian.page.getByLabel(`Приоритет: ${offer.name}`).fill("7");
  await sound(russian.page);
  await press(russian.page, "Выпустить распределение");
  await russian.page.waitForURL(`**/operator/niches/${id}`);
  await sees(
    russian.page,
    "Покупает оффер с самым высоким приоритетом, сколько бы ни ставили другие.",
  );
  await done(russian);
  assert.deepEqual((await now()).policy.routing, {
    strategy: "PRIORITY",
    tie_breaks: [],
    groups: [],
    offers: { [offer.id]: { weight: 300, priority: 7 } },
  });
  await publish(auction);
});

test("a lead says in words who bought it, at which price, and what would have sold it", async () => {
  const target = await market.offer(buyer, unique("Explained"), { approved: true, minScore: 0 });
  const { key } = await market.source(publisher, unique("Source"), { target, approved: true });
  const sold = await market.send(market.person(), {}, key);
  assert.equal(sold.verdict, "SOLD");
  const english = await enter(operator, "en", `/leads/${sold.lead_id}`);
  await sees(english.page, "Why this price");
  await sees(english.page, /^RUB\s?777\.00 is the price of the terms\.$/);
  await sees(
    english.page,
    /^Of RUB\s?777\.00 the exchange keeps RUB\s?116\.55, the publisher gets RUB\s?660\.45\.$/,
  );
  await sees(english.page, "Nobody else got this lead.");
  await sees(english.page, "Bought the lead, at rank 1.");
  await sound(english.page);
  await done(english);

  const picky = await market.offer(buyer, unique("Picky"), { approved: true, minScore: 100 });
  const source = await market.source(publisher, unique("Source"), {
    target: picky,
    approved: true,
  });
  const unsold = await market.send(market.person(), {}, source.key);
  assert.equal(unsold.verdict, "UNSOLD");
  const { ask } = await market.member(operator);
  const { lead } = await ask("query($id: ID!) { lead(id: $id) { score } }", { id: unsold.lead_id });
  const words = `Нужен скор 100; у лида ${lead.score}.`;
  for (const reader of [operator, publisher]) {
    const russian = await enter(reader, "ru", `/leads/${unsold.lead_id}`);
    await sees(russian.page, "Что помогло бы продать");
    await sees(russian.page, words, false);
    if (reader === operator) await row(russian.page, words).getByText("Исключён").waitFor();
    await sound(russian.page);
    await done(russian);
  }
});

test("a delivery that fails says why, in the reader's language", async () => {
  const hook = await market.receiver(503);
  const { act } = await market.member(buyer);
  const target = await market.offer(buyer, unique("Delivered nowhere"), { approved: true });
  const { endpoint } = await act(
    "createEndpoint",
    { url: hook.url, offerId: target },
    "endpoint { id }",
  );
  const { key } = await market.source(publisher, unique("Source"), { target, approved: true });
  const { awards } = await market.send(market.person(), {}, key);
  await market.until(() => hook.got.length > 0, "try");
  const russian = await enter(buyer, "ru", `/awards/${awards[0].award_id}`);
  await sees(russian.page, "На стороне получателя сбой (503).");
  await sound(russian.page);
  await done(russian);
  const english = await enter(buyer, "en", `/awards/${awards[0].award_id}`);
  await sees(english.page, "The endpoint failed (503).");
  await done(english);
  await act("deleteEndpoint", { id: endpoint.id }, "endpoint { id }");
  await hook.close();
});
