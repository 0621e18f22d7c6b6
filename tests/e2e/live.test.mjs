// A live buyer: its server is connected, tested step by step, asked about a lead and sold it.
import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { demo, launch } from "./browser.mjs";
import { dialog, press, row, sees, sound } from "./hands.mjs";
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

/** A buyer's server that bids 512.50 on everything; `secret` is checked while `careful`. */
async function bidder() {
  const self = { secret: null, careful: true, url: null, close: null };
  const signed = (request, body) => {
    const {
      "webhook-id": id,
      "webhook-timestamp": at,
      "webhook-signature": given,
    } = request.headers;
    const key = Buffer.from(String(self.secret).replace(/^whsec_/, ""), "base64");
    const mine = Buffer.from(
      createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64"),
    );
    return String(given)
      .split(" ")
      .map((each) => Buffer.from(each.replace(/^v1,/, "")))
      .some((each) => each.length === mine.length && timingSafeEqual(each, mine));
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      if (self.careful && !signed(request, body)) {
        response.writeHead(401).end();
        return;
      }
      const answer = request.url === "/ask" ? { accept: true, price: "512.50" } : { accept: true };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  server.unref();
  self.url = `http://127.0.0.1:${server.address().port}`;
  self.close = () => new Promise((closed) => server.close(closed));
  return self;
}

test("a server is connected, tested in both languages, and buys a lead at its own bid", async () => {
  const server = await bidder();
  const { act, ask } = await market.member(buyer);
  const name = `Live ${Date.now()}`;
  const input = { nicheId: demo.niche_id, name, terms: market.terms({ mode: "LIVE" }) };
  const made = await act("createOffer", input, "offer { id draft { id } }");
  const target = made.offer.id;

  const { page, faults } = await enter(buyer, "en", `/buyer/offers/${target}`);
  await sees(page, "Nothing is connected: a live offer cannot be submitted for review yet.");
  await sees(page, "By asking the buyer’s server");
  await press(page, "Set the connection");
  await page.getByLabel(/^Where it is asked/).fill("crm");
  await press(page, "Save");
  await page.getByText("Enter an address, like https://crm.example.com/ask.").first().waitFor();
  await sound(page);
  await page.getByLabel(/^Where it is asked/).fill(`${server.url}/ask`);
  await page.getByLabel(/^Where leads are sent/).fill(`${server.url}/post`);
  await page.getByLabel(/^Where the status is asked/).fill(`${server.url}/status`);
  await page.getByLabel(/^Least bid/).fill("100");
  await sound(page);
  await press(page, "Save");
  const shown = await dialog(page);
  await sound(page);
  server.secret = (await page.getByTestId("secret").locator("code").innerText()).trim();
  await press(shown, "I have stored it");
  await shown.waitFor({ state: "detached" });

  await press(page, "Test the connection");
  await sees(page, "The connection passed every step.");
  await row(page, "A made-up ask")
    .getByText(/RUB\s?512\.50/)
    .waitFor();
  await row(page, "A wrong signature").getByText("HTTP 401").waitFor();
  await sound(page);
  await done({ page, faults });

  server.careful = false;
  const russian = await enter(buyer, "ru", `/buyer/offers/${target}`);
  await press(russian.page, "Проверить подключение");
  await sees(russian.page, "Подключение не готово: смотрите шаги.");
  await row(russian.page, "Неверная подпись").getByText("Не пройден").waitFor();
  await sees(
    russian.page,
    "На запрос с неверной подписью пришёл ответ: сервер может спросить кто угодно.",
    false,
  );
  await sound(russian.page);
  await done(russian);
  server.careful = true;

  const { liveConnection } = await ask(
    "query($id: ID!) { liveConnection(offerId: $id) { onSilence minBid { minor } concurrency } }",
    { id: target },
  );
  assert.deepEqual(liveConnection, {
    onSilence: "RELEASED",
    minBid: { minor: "10000" },
    concurrency: 16,
  });

  await act("submitOffer", { offerId: target }, "offer { id }");
  const operator = await market.member(demo.operator);
  await operator.act(
    "reviewOffer",
    { versionId: made.offer.draft.id, approve: true },
    "offer { id }",
  );
  const { key } = await market.source(publisher, `Asked ${Date.now()}`, { target, approved: true });
  const sold = await market.send(market.person(), {}, key);
  assert.equal(sold.verdict, "SOLD");
  const list = await enter(buyer, "en", "/buyer/live");
  const line = row(list.page, name);
  await line.getByText("Accepted").waitFor();
  await line.getByText(/RUB\s?512\.50/).waitFor();
  await sound(list.page);
  await line.getByRole("link", { name: /^awd_/ }).click();
  await sees(list.page, /RUB\s?512\.50/);
  await done(list);
  await server.close();
});
