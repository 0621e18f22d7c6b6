// A publisher's own postback: made with macros, tested, called for a sale, asked for again, paused.
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

const [buyer] = demo.buyers;
const [publisher] = demo.publishers;
const enter = (login, language, path) => market.enter(browser.context, login, language, path);

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

test("a postback is made with macros, tested, called for a sale and told again", async () => {
  const hook = await market.receiver(200);
  const target = await market.offer(buyer, `Told ${Date.now()}`, { approved: true });
  const sourceName = `Tracked ${Date.now()}`;
  const { key } = await market.source(publisher, sourceName, { target, approved: true });
  const name = `Tracker ${Date.now()}`;

  const { page, faults } = await enter(publisher, "en", "/publisher/postbacks");
  await press(page, "New postback");
  const open = await dialog(page);
  await open.getByLabel("Name").fill(name);
  await open.getByRole("textbox", { name: "Address" }).fill(`${hook.url}?payout={earnings}`);
  await open.locator('button[type="submit"]').click();
  await open.getByText("There is no macro {earnings}.").waitFor();
  await sound(page);
  await open.getByRole("textbox", { name: "Address" }).fill(`${hook.url}?payout={earning}`);
  await press(open, "Add {sub1} to the address");
  await open.getByText(`${hook.url}?payout=425.00&sub1=radio`).waitFor();
  await choose(open, /Source/, sourceName);
  await open.locator('button[type="submit"]').click();
  await page.getByRole("dialog", { name: "New postback" }).waitFor({ state: "detached" });
  const secret = await dialog(page);
  await sound(page);
  await press(secret, "I have stored it");
  await sees(page, name);

  await press(row(page, name), "Test");
  await dialog(page);
  await sound(page);
  await send(page);
  await row(page, "Test").getByText("Delivered").waitFor();
  assert.equal(hook.got.length, 1);
  assert.equal(hook.got[0].url, "/leads?payout=425.00&sub1=radio");

  const sold = await market.send(market.person(), { sub1: "evening" }, key);
  assert.equal(sold.verdict, "SOLD");
  await market.until(() => hook.got.length > 1, "call for the sale");
  assert.equal(hook.got[1].url, "/leads?payout=660.45&sub1=evening");
  await page.reload();
  await loaded(page);
  const line = row(page, "Sold", page.locator(`a[href$="${sold.lead_id}"]`));
  await line.getByText("Delivered").waitFor();
  await sound(page);
  await confirm(page, "Send again", { within: line });
  await market.until(() => hook.got.length > 2, "second call");
  // The same event: a receiver that keeps ids counts it once.
  assert.equal(hook.got[2].id, hook.got[1].id);
  await page.goto(`${demo.url}/leads/${sold.lead_id}`);
  await sees(page, "What your trackers were told");
  await done({ page, faults });

  const russian = await enter(publisher, "ru", "/publisher/postbacks");
  await confirm(russian.page, "Пауза", { within: row(russian.page, name) });
  await row(russian.page, name).getByText("На паузе").waitFor();
  await press(row(russian.page, name), "Изменить");
  const change = await dialog(russian.page);
  await change.getByLabel("Не продан").check();
  await sound(russian.page);
  await send(russian.page);
  await row(russian.page, name).getByText("Не продан").waitFor();
  await russian.page.getByRole("tab", { name: "Макросы" }).click();
  await sees(russian.page, "{click_id}");
  await sound(russian.page);
  await russian.page.getByRole("tab", { name: "Адреса" }).click();
  await confirm(russian.page, "Удалить", { within: row(russian.page, name) });
  await row(russian.page, name).waitFor({ state: "detached" });
  await done(russian);
  await hook.close();
});
