// Every kind of goal in the offer form, and what is reported afterwards: a share of a sale, its
// refund, and what the publisher sees of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, launch, loaded } from "./browser.mjs";
import { choose, dialog, press, sees, send, sound } from "./hands.mjs";
import * as market from "./market.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const [buyer] = demo.buyers;
const [publisher] = demo.publishers;
const enter = (login, language, path) => market.enter(browser.context, login, language, path);
const rub = (minor) => ({ minor, currency: "RUB" });
const day = 86_400;

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

test("an offer pays for a share of a sale and for a registration", async () => {
  const { ask } = await market.member(buyer);
  const { niche } = await ask("query($id: ID!) { niche(id: $id) { name { en } } }", {
    id: demo.niche_id,
  });
  const { page, faults } = await enter(buyer, "en", "/buyer/offers/new");
  await loaded(page);
  await choose(page.locator("main"), "Niche", `${niche.name.en} (RUB)`);
  const name = `Hybrid ${Date.now()}`;
  await page.getByLabel("Name", { exact: true }).fill(name);
  await sound(page);
  await press(page, "Next");
  await page.getByLabel("Each lead").uncheck();
  await page.getByLabel("Each sale that you report").check();
  await page.getByLabel("Each registration that you report").check();
  assert.equal(await page.getByLabel("Each telephone call").isDisabled(), true);
  await page.getByText("A share of the sale", { exact: true }).click();
  await page.getByRole("textbox", { name: "Share of the sale" }).fill("12.5");
  await page.getByLabel("At least", { exact: true }).fill("500");
  await page.getByLabel("At most", { exact: true }).fill("100");
  await page.getByLabel("Price of a registration").fill("75.50");
  await press(page, "Next");
  await sees(page, "It cannot be below the least.");
  await sound(page);
  await page.getByLabel("At most", { exact: true }).fill("9000");
  await page.getByLabel("Several sales of one lead").check();
  await press(page, "Next");
  await sees(page, "Which leads");
  await sound(page);
  await press(page, "Next");
  await sees(page, "No caps: the wallet is the only limit.");
  await press(page, "Next");
  await sees(page, `The terms of “${name}”`);
  await sees(page, "12.5%");
  await sound(page);
  await press(page, "Save and submit for review");
  await page.waitForURL(/\/buyer\/offers\/ofr_/);
  await sees(page, name);
  await sees(page, "12.5%");
  await sound(page);
  await done({ page, faults });

  const id = new URL(page.url()).pathname.split("/").at(-1);
  const query = `query($id: ID!) { offer(id: $id) { state draft { terms { goals {
    kind percent { bps min { minor } max { minor } } price { minor } attributionWindowS several
  } } } } }`;
  const { offer } = await ask(query, { id });
  assert.deepEqual(offer, {
    state: "IN_REVIEW",
    draft: {
      terms: {
        goals: [
          {
            kind: "SALE",
            percent: { bps: 1250, min: { minor: "50000" }, max: { minor: "900000" } },
            price: { minor: "50000" },
            attributionWindowS: 30 * day,
            several: true,
          },
          {
            kind: "REGISTRATION",
            percent: null,
            price: { minor: "7550" },
            attributionWindowS: 30 * day,
            several: false,
          },
        ],
      },
    },
  });
});

test("a new version opens at its review and says what it changes", async () => {
  const name = `Revised ${Date.now()}`;
  const target = await market.offer(buyer, name, { approved: true });
  const { page, faults } = await enter(buyer, "ru", `/buyer/offers/${target}`);
  await page.getByRole("link", { name: "Изменить условия" }).click();
  await sees(page, "Условия не изменились.");
  await sees(page, `Условия оффера «${name}»`);
  await sound(page);
  await press(page, "Цели и цена");
  await page.getByLabel("Цена лида").fill("800");
  await press(page, "Какие лиды");
  await page.getByRole("combobox", { name: "Регионы" }).click();
  await page.getByRole("option", { name: "Москва", exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByLabel("Что купили бы эти условия").waitFor();
  await sound(page);
  await press(page, "Капы и расход");
  await press(page, "Добавить кап");
  await press(page, "Далее");
  // The cap has no bound: its step keeps the reader.
  await sees(page, "Ограничьте число лидов, деньги или то и другое.");
  await sound(page);
  await page.getByLabel("Лидов", { exact: true }).fill("5");
  await press(page, "Далее");
  const changes = page.getByRole("table", { name: "Что изменилось" });
  await changes
    .getByRole("row")
    .filter({ hasText: "777,00" })
    .getByText(/800,00/)
    .waitFor();
  await changes.getByRole("row").filter({ hasText: "Капы" }).getByText("лидов: 5").waitFor();
  await changes
    .getByRole("row")
    .filter({ hasText: "Условия" })
    .getByText(/Москва/)
    .waitFor();
  await sound(page);
  await press(page, "Сохранить и отправить на проверку");
  await page.waitForURL(`**/buyer/offers/${target}`);
  await done({ page, faults });
  const { ask } = await market.member(buyer);
  const query = `query($id: ID!) { offer(id: $id) { draft {
    state diff { path before after }
  } } }`;
  assert.deepEqual((await ask(query, { id: target })).offer.draft, {
    state: "IN_REVIEW",
    // As the review told it.
    diff: [
      { path: "goals[LEAD].price", before: 77700, after: 80000 },
      { path: "caps[DAY]", before: null, after: { period: "DAY", count: 5, money: null } },
      {
        path: "conditions",
        before: [],
        after: [{ op: "IN", field: "region", values: ["RU-MOW"] }],
      },
    ],
  });
});

test("a sale is reported with its amount, then half refunded; the publisher sees its share", async () => {
  const percent = { bps: 1_000, min: rub("100"), max: rub("1000000") };
  const goals = [{ kind: "SALE", percent, attributionWindowS: 30 * day, reserveBps: 0 }];
  const target = await market.offer(buyer, `Share ${Date.now()}`, { approved: true, goals });
  const { key } = await market.source(publisher, `Source ${Date.now()}`, {
    target,
    approved: true,
  });
  const { awards } = await market.send(market.person(), {}, key);
  const award = awards[0].award_id;

  const english = await enter(buyer, "en", `/awards/${award}`);
  await press(english.page, "Report an outcome");
  const report = await dialog(english.page);
  await report.getByLabel("Your reference").fill("order 1");
  await sound(english.page);
  await report.locator('button[type="submit"]').click();
  await report.getByText("A share of the sale is paid: say what the sale was worth.").waitFor();
  await report.getByLabel("Amount of the sale").fill("2000,50");
  await send(english.page);
  const link = english.page.locator('a[href*="/conversions/cnv_"]').first();
  await link.click();
  await loaded(english.page);
  await sees(english.page, /RUB\s?2,000\.50/);
  await sees(english.page, /RUB\s?200\.05/);
  const conversion = new URL(english.page.url()).pathname.split("/").at(-1);
  await sound(english.page);
  await done(english);

  const russian = await enter(buyer, "ru", `/conversions/${conversion}`);
  await press(russian.page, "Сообщить о возврате денег");
  const refund = await dialog(russian.page);
  await refund.getByLabel("Возвращено всего").fill("1000,25");
  await sound(russian.page);
  await send(russian.page);
  await sees(russian.page, /1\s?000,25\s?₽/);
  await sound(russian.page);
  await done(russian);

  const { ask } = await market.member(publisher);
  const query = `query($id: ID!) { conversion(id: $id) {
    goal returnedBps price { minor } earning { minor } amount { minor } refunded { minor }
  } }`;
  assert.deepEqual((await ask(query, { id: conversion })).conversion, {
    goal: "SALE",
    returnedBps: 5_000,
    price: null,
    earning: { minor: "17004" },
    amount: { minor: "200050" },
    refunded: { minor: "100025" },
  });

  const reader = await enter(publisher, "ru", `/publisher/catalogue/${target}`);
  await sees(reader.page, /^8,5\s?%$/);
  await sound(reader.page);
  await done(reader);
});
