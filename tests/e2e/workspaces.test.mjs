// Every page of every workspace, in both languages: it loads, nothing fails in the background, no
// word is missing, and it is usable without eyes or mouse as far as axe can tell.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, findings, launch, loaded, untranslated } from "./browser.mjs";
import { enter } from "./market.mjs";
import { pages } from "./pages.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const members = { OPERATOR: demo.operator, BUYER: demo.buyers[0], PUBLISHER: demo.publishers[0] };

const DESK = { width: 1360, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Whether the page must be pushed sideways on a phone, and by what. */
async function tooWide(page) {
  await page.setViewportSize(PHONE);
  // The navigation slides away first.
  await page
    .waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, null, {
      timeout: 2_000,
    })
    .catch(() => {});
  const wide = await page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const inScroller = (node) =>
      node.closest(".mantine-ScrollArea-root, .mantine-TableScrollContainer-scrollContainer, pre");
    return [...document.querySelectorAll("body *")]
      .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && !inScroller(node))
      .slice(-1)
      .map((node) => `${node.tagName} ${node.textContent.slice(0, 40)}`);
  });
  await page.setViewportSize(DESK);
  return wide;
}

for (const [kind, login] of Object.entries(members)) {
  for (const language of ["en", "ru"]) {
    test(`${kind.toLowerCase()} workspace in ${language}`, async () => {
      const { page, faults } = await enter(browser.context, login, language, "/");
      const problems = [];
      for (const path of pages[kind]) {
        await page.goto(demo.url + path);
        await loaded(page);
        const text = await page.locator("main").innerText();
        if (text.trim().length < 10) problems.push(`${path}: the page is empty`);
        if ((await page.locator("main [role=alert]").count()) > 0) {
          const alert = await page.locator("main [role=alert]").first().innerText();
          if (/went wrong|не получилось|не удалось|INTERNAL|NOT_FOUND/i.test(alert)) {
            problems.push(`${path}: ${alert.replaceAll("\n", " ")}`);
          }
        }
        for (const word of await tooWide(page))
          problems.push(`${path}: too wide on a phone: ${word}`);
        for (const key of await untranslated(page)) problems.push(`${path}: no word for ${key}`);
        for (const finding of await findings(page)) problems.push(`${path}: ${finding}`);
      }
      await page.close();
      assert.deepEqual([...problems, ...faults], []);
    });
  }
}
