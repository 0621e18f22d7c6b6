// Orders with a deadline, in a browser: a buyer places one, a publisher claims a part, a lead
// posted by HTTP fills it, and what nobody brings comes back. The buyer is new, so that every sum
// of its wallet is known.
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

const [publisher] = demo.publishers;
const enter = (login, language, path) => market.enter(browser.context, login, language, path);
const rub = (minor) => ({ minor, currency: "RUB" });

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

/** A new buyer with 5,000.00 roubles, and an offer of its own at 777.00 a lead. */
async function stage(name) {
  const buyer = await market.newcomer("BUYER", `${name} ${Date.now()}`);
  const operator = await market.member(demo.operator);
  await operator.act(
    "recordTopUp",
    {
      buyerId: buyer.organization_id,
      amount: rub("500000"),
      rail: "BANK",
      reference: `${name} ${Date.now()}`,
      idempotencyKey: crypto.randomUUID(),
    },
    "topUp { id }",
  );
  const offer = await market.offer(buyer, `${name} ${Date.now()}`, {
    approved: true,
  });
  const { key } = await market.source(publisher, `${name} source`, {
    target: offer,
    approved: true,
  });
  return { buyer, offer, key };
}

/** What the buyer has, free and set aside for orders, in minor units. */
async function wallet(buyer) {
  const { ask } = await market.member(buyer);
  const query = "{ wallets { available { minor } reservedByOrders { minor } openOrders } }";
  const { wallets } = await ask(query);
  const [{ available, reservedByOrders, openOrders }] = wallets;
  return [available.minor, reservedByOrders.minor, openOrders];
}

/** The value under a label of the page. */
async function stat(page, label, text) {
  const box = page.locator(".mantine-Card-root").filter({ hasText: label });
  await box.getByText(text).first().waitFor();
}

test("an order is placed, claimed, filled by a lead, cancelled and given back", async () => {
  const { buyer, offer, key } = await stage("Ordered");
  assert.deepEqual(await wallet(buyer), ["500000", "0", 0]);

  const placed = await enter(buyer, "en", "/buyer/orders");
  await sees(placed.page, "No orders yet. Order leads of an offer that pays for each lead.");
  await press(placed.page, "Order leads");
  const place = await dialog(placed.page);
  await place.getByRole("combobox", { name: "Offer" }).click();
  await placed.page.getByRole("option").first().click();
  await place.getByLabel("Leads").fill("7");
  await place.getByText(/^RUB\s?5,439\.00$/).waitFor();
  await place.getByText("The wallet does not cover it. Top it up, or order less.").waitFor();
  await sound(placed.page);
  await place.getByLabel("Leads").fill("3");
  await place.getByText(/^RUB\s?2,331\.00$/).waitFor();
  await place.getByText(/^RUB\s?5,000\.00$/).waitFor();
  await press(place, "7 days");
  await sound(placed.page);
  // By keyboard: the form is sent from its field.
  await place.getByLabel("Leads").press("Enter");
  await placed.page.waitForURL(/\/orders\/ord_/);
  await sees(placed.page, "Nobody has claimed a part yet.");
  await stat(placed.page, "Reserved", /^RUB\s?2,331\.00$/);
  await sound(placed.page);
  await done(placed);
  const id = new URL(placed.page.url()).pathname.split("/").at(-1);
  assert.deepEqual(await wallet(buyer), ["266900", "233100", 1]);

  const claimed = await enter(publisher, "ru", `/publisher/catalogue/${offer}`);
  const mine = row(claimed.page, id.slice(-8));
  await press(mine, "Взять часть");
  const claim = await dialog(claimed.page);
  await claim.getByLabel("Сколько лидов").fill("2");
  await claim.getByText(/^1\s320,90\s₽$/).waitFor();
  await sound(claimed.page);
  await send(claimed.page);
  await mine.getByText("Ожидается", { exact: true }).waitFor();
  await mine.getByText("0 из 2", { exact: true }).waitFor();
  await sound(claimed.page);
  // A publisher never sees the price.
  assert.equal(await claimed.page.getByText(/777,00/).count(), 0);
  await done(claimed);

  const sold = await market.send(market.person(), {}, key);
  assert.equal(sold.verdict, "SOLD", JSON.stringify(sold));
  assert.deepEqual(sold.awards[0].earning, rub("66045"));
  assert.deepEqual(await wallet(buyer), ["266900", "155400", 1]);

  const why = await enter(demo.operator, "en", `/leads/${sold.lead_id}`);
  await sees(why.page, "Its order stands before the auction: the publisher had claimed it.");
  await sees(why.page, /^RUB\s?777\.00 is the price of the order\.$/);
  await done(why);

  const cancelled = await enter(buyer, "ru", `/orders/${id}`);
  await stat(cancelled.page, "Потрачено", /^777,00\s₽$/);
  await stat(cancelled.page, "В резерве", /^1\s554,00\s₽$/);
  await row(cancelled.page, publisher.organization).getByText("Ожидается").waitFor();
  await confirm(cancelled.page, "Отменить заказ");
  await sees(cancelled.page, "Отменён");
  await stat(cancelled.page, "Вернулось", /^777,00\s₽$/);
  await stat(cancelled.page, "В резерве", /^777,00\s₽$/);
  await sound(cancelled.page);
  await done(cancelled);
  assert.deepEqual(await wallet(buyer), ["344600", "77700", 1]);

  const released = await enter(publisher, "en", "/publisher/orders?show=claimed");
  await released.page.locator(`a[href$="${id}"]`).click();
  await loaded(released.page);
  await confirm(released.page, "Give up");
  await sees(released.page, "Given up");
  await sees(released.page, "Ended");
  await sound(released.page);
  await done(released);
  assert.deepEqual(await wallet(buyer), ["422300", "0", 0]);

  const all = await enter(demo.operator, "ru", `/operator/orders?offer=${offer}`);
  const line = row(all.page, buyer.organization);
  await line.getByText("1 из 3", { exact: true }).waitFor();
  await line.getByText("Завершён", { exact: true }).waitFor();
  await sound(all.page);
  await line.getByRole("link", { name: buyer.organization }).waitFor();
  await done(all);
});

test("an order is placed from its offer at a price of its own, on a phone", async () => {
  const { buyer, offer } = await stage("Own price");
  const { page, faults } = await enter(buyer, "en", `/buyer/offers/${offer}`);
  await loaded(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByRole("tab", { name: "Orders" }).click();
  await sees(page, "No orders for this offer.");
  await press(page, "Order leads");
  const place = await dialog(page);
  await place.getByLabel("Leads").fill("2");
  await place.getByLabel("Price of a lead").fill("1000.5");
  await place.getByText(/^RUB\s?2,001\.00$/).waitFor();
  await press(place, "Order leads");
  await place.getByText("Fill this in.").waitFor();
  await press(place, "1 day");
  await sound(page);
  await send(page);
  await page.waitForURL(/\/orders\/ord_/);
  await stat(page, "Ordered for", /^RUB\s?2,001\.00$/);
  await sound(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} wide`);
  await done({ page, faults });
  assert.deepEqual(await wallet(buyer), ["299900", "200100", 1]);
});

test("an order that does not exist looks like one that is somebody else's", async () => {
  const { buyer, offer } = await stage("Whose");
  const { act } = await market.member(buyer);
  const deadline = new Date(Date.now() + 86_400_000).toISOString();
  const input = {
    offerId: offer,
    wanted: 1,
    deadline,
    idempotencyKey: crypto.randomUUID(),
  };
  const { order } = await act("placeOrder", input, "order { id }");
  const [other] = demo.buyers;
  const { page, faults } = await enter(other, "en", `/orders/${order.id}`);
  await page.getByText("There is nothing here").first().waitFor();
  await sound(page);
  await done({ page, faults });
});
