// Hosted forms on a foreign site, in all three modes: the page around the frame cannot read them,
// and their leads are in the buyer's list. And the publisher's own pages around them.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { demo, findings, launch, settled } from "./browser.mjs";
import { press, sees, sound } from "./hands.mjs";
import * as market from "./market.mjs";

const [buyer] = demo.buyers;
const [publisher] = demo.publishers;

let browser;
let site;
let source;

/** A shop's site with nothing of ours but the script. */
async function foreignSite() {
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://shop");
    const attributes = [...url.searchParams].map(([name, value]) => `data-${name}="${value}"`);
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="ru"><meta charset="utf-8"><title>Shop</title>
      <link rel="icon" href="data:,">
      <body style="height: 3000px"><h1>Shop</h1>
      <script src="${demo.url}/embed.js" ${attributes.join(" ")}></script></body></html>`);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  server.unref();
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

before(async () => {
  browser = await launch();
  site = await foreignSite();
  const target = await market.offer(buyer, `For forms ${Date.now()}`, { approved: true });
  ({ id: source } = await market.source(publisher, "Shop form", {
    target,
    approved: true,
    kind: "FORM",
  }));
});
after(async () => {
  await site.close();
  await browser.close();
});

/** A page of the shop that hears when a form was sent. */
async function visit(attributes) {
  await browser.context.clearCookies();
  const page = await browser.context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    window.sent = [];
    addEventListener("leadbourse:done", (event) => window.sent.push(event.detail), true);
  });
  const asked = new URLSearchParams({ source, ...attributes });
  await page.goto(`${site.origin}/page?${asked}`);
  return { page, faults };
}

/** Fills the form step by step with a new person, and sends it; the person's phone. */
async function fill(frame, { time } = {}) {
  const fields = market.person();
  for (let step = 0; step < 12; step += 1) {
    const inputs = frame.locator(".step:visible").locator("input:visible, select:visible");
    for (let n = 0; n < (await inputs.count()); n += 1) {
      const input = inputs.nth(n);
      const name = (await input.getAttribute("name")) ?? "";
      const value = fields[name.replace(/^f\./, "")];
      if (name === "consent") await input.check();
      else if (name === "preferred_time") await input.selectOption(time);
      else if (value === undefined) continue;
      else if ((await input.evaluate((it) => it.tagName)) === "SELECT")
        await input.selectOption(String(value));
      else await input.fill(String(value));
    }
    const next = frame.locator("button.next:visible");
    if ((await next.count()) === 0) break;
    await next.click();
  }
  await frame.locator('button[type="submit"]:visible').click();
  await frame.locator("#done").waitFor();
  return fields.phone;
}

/** The buyer has bought the person, and sees it in the list. */
async function bought(phone, lead) {
  const { ask } = await market.member(buyer);
  const query = "{ awards(first: 20) { nodes { id lead { id } fields } } }";
  const award = await market.until(
    async () => (await ask(query)).awards.nodes.find((one) => one.lead.id === lead),
    "award of the form's lead",
  );
  assert.equal(award.fields.phone, phone);
  const { page, faults } = await market.enter(browser.context, buyer, "en", "/buyer/leads");
  await page.locator(`a[href*="${award.id}"]`).first().waitFor();
  await page.close();
  assert.deepEqual(faults, []);
}

/** What the shop's page knows after the form was sent. */
async function told(page) {
  const [sent] = await market.until(async () => {
    const all = await page.evaluate(() => window.sent);
    return all.length > 0 && all;
  }, "word of the sent form");
  assert.equal(sent.source, source);
  assert.match(sent.lead, /^lead_/);
  // The frame is another origin's: nothing that was typed can be read from here.
  assert.equal(
    await page.evaluate(() => {
      const found = (root) =>
        root.querySelector("iframe") ??
        [...root.querySelectorAll("*")]
          .map((it) => it.shadowRoot && found(it.shadowRoot))
          .find(Boolean);
      return found(document).contentDocument;
    }),
    null,
  );
  assert.deepEqual(await browser.context.cookies(), []);
  return sent.lead;
}

test("inline: step by step, in the page's language, and sold", async () => {
  const { page, faults } = await visit({ mode: "inline", sub1: "spring", click: "c-17" });
  const frame = page.frameLocator("iframe");
  await frame.getByText(/Шаг 1 из/).waitFor();
  // The frame is as high as the form.
  await market.until(
    () => page.locator("iframe").evaluate((it) => it.offsetHeight !== 420 && it.offsetHeight > 200),
    "height of the form",
  );
  // A required field that is empty holds the step.
  await frame.locator("button.next:visible").click();
  await frame.getByText(/Шаг 1 из/).waitFor();
  const phone = await fill(frame);
  await frame.getByText("Спасибо! Заявка принята.").waitFor();
  const lead = await told(page);
  await page.close();
  assert.deepEqual(faults, []);
  await bought(phone, lead);
});

test("pop-up: after a delay, some scrolling, or on the way out; and sold", async () => {
  const early = await visit({ mode: "popup", scroll: "50", lang: "en" });
  const dialog = early.page.getByRole("dialog");
  await early.page.waitForTimeout(300);
  assert.equal(await dialog.count(), 0, "nothing before the page was scrolled");
  await early.page.mouse.wheel(0, 2000);
  await dialog.waitFor();
  const phone = await fill(dialog.frameLocator("iframe"));
  const lead = await told(early.page);
  await early.page.keyboard.press("Escape");
  await dialog
    .locator("button.close")
    .click({ timeout: 500 })
    .catch(() => {});
  await dialog.waitFor({ state: "detached" });
  await early.page.close();

  const late = await visit({ mode: "popup", delay: "1" });
  await late.page.getByRole("dialog").waitFor();
  await late.page.getByRole("button", { name: "Закрыть" }).click();
  await late.page.getByRole("dialog").waitFor({ state: "detached" });
  await late.page.close();

  const leaving = await visit({ mode: "popup", exit: "1", lang: "en" });
  await leaving.page.waitForTimeout(300);
  assert.equal(await leaving.page.getByRole("dialog").count(), 0);
  await leaving.page.evaluate(() =>
    document.documentElement.dispatchEvent(new MouseEvent("mouseleave", { clientY: -1 })),
  );
  await leaving.page.getByRole("dialog").waitFor();
  await leaving.page.close();
  assert.deepEqual([...early.faults, ...late.faults, ...leaving.faults], []);
  await bought(phone, lead);
});

test("call back: behind a button, with a time; and sold", async () => {
  const { page, faults } = await visit({ mode: "callback" });
  assert.equal(await page.locator("iframe").count(), 0);
  await page.getByRole("button", { name: "Перезвоните мне" }).click();
  const frame = page.getByRole("dialog").frameLocator("iframe");
  await frame.getByText("Заказать звонок").waitFor();
  const phone = await fill(frame, { time: "EVENING" });
  const lead = await told(page);
  await page.close();
  assert.deepEqual(faults, []);
  await bought(phone, lead);
});

test("sites that are not allowed see nothing", async () => {
  const { act } = await market.member(publisher);
  const own = await market.source(publisher, "Fenced form", { approved: true, kind: "FORM" });
  await act(
    "setSourceForm",
    { sourceId: own.id, sites: ["https://elsewhere.example"] },
    "source { id }",
  );
  const { page, faults } = await visit({ source: own.id, mode: "inline" });
  await market.until(() => faults.length > 0, "refusal of the frame");
  assert.match(faults[0], /frame-ancestors/);
  assert.equal(await page.frameLocator("iframe").locator("form").count(), 0);
  await page.close();
});

test("the publisher sets the form, copies the line, and sends a test", async () => {
  for (const [language, words] of [
    ["en", { save: "Save", saved: "The form is saved.", popup: "Pop-up", title: "Title (en)" }],
    [
      "ru",
      {
        save: "Сохранить",
        saved: "Форма сохранена.",
        popup: "Всплывающее окно",
        title: "Заголовок (en)",
      },
    ],
  ]) {
    const path = `/publisher/sources/${source}`;
    const { page, faults } = await market.enter(browser.context, publisher, language, path);
    await settled(page);
    await page.locator(`label:has-text("${words.popup}")`).first().click();
    const snippet = await page.getByTestId("snippet").innerText();
    assert.match(snippet, new RegExp(`data-source="${source}"\\s+data-mode="popup"`));
    await page.getByLabel(words.title).fill(`Loans in ${language}`);
    await press(page, words.save);
    await page.getByText(words.saved).first().waitFor();
    const preview = page.frameLocator("iframe");
    await preview.locator(".test").waitFor();
    if (language === "en") await preview.getByText("Loans in en").waitFor();
    // The button takes its colour back.
    await page.mouse.move(0, 0);
    await page.locator("button[data-loading]").waitFor({ state: "detached" });
    await page.waitForTimeout(500);
    await sound(page);
    await page.close();
    assert.deepEqual(faults, []);
  }
});

test("the specification reads well in both languages", async () => {
  for (const [language, title] of [
    ["en", "Posting specification"],
    ["ru", "Спецификация приёма"],
  ]) {
    const page = await browser.context.newPage();
    await page.goto(`${demo.url}/spec/${source}?lang=${language}`);
    await sees(page, new RegExp(title));
    // The pages' own policy runs no scripts, so axe looks at a copy without it.
    const html = await page.content();
    await page.goto(`${demo.url}/healthz`);
    await page.setContent(html.replace(/<link[^>]*>/, ""));
    assert.deepEqual(await findings(page), []);
    await page.close();
  }
});
