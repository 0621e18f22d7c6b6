// Every page of every workspace, in both languages: it loads, nothing fails in the background, no
// word is missing, and it is usable without eyes or mouse as far as axe can tell.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, findings, launch, settled, signIn, untranslated } from "./browser.mjs";
import { pages } from "./pages.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const members = { OPERATOR: demo.operator, BUYER: demo.buyers[0], PUBLISHER: demo.publishers[0] };

for (const [kind, login] of Object.entries(members)) {
  for (const language of ["en", "ru"]) {
    test(`${kind.toLowerCase()} workspace in ${language}`, async () => {
      const { page, faults } = await signIn(browser.context, login, language);
      const problems = [];
      for (const path of pages[kind]) {
        await page.goto(demo.url + path);
        await settled(page);
        const text = await page.locator("main").innerText();
        if (text.trim().length < 10) problems.push(`${path}: the page is empty`);
        if ((await page.locator("main [role=alert]").count()) > 0) {
          const alert = await page.locator("main [role=alert]").first().innerText();
          if (/went wrong|не получилось|не удалось|INTERNAL|NOT_FOUND/i.test(alert)) {
            problems.push(`${path}: ${alert.replaceAll("\n", " ")}`);
          }
        }
        for (const key of await untranslated(page)) problems.push(`${path}: no word for ${key}`);
        for (const finding of await findings(page)) problems.push(`${path}: ${finding}`);
      }
      await page.close();
      assert.deepEqual([...problems, ...faults], []);
    });
  }
}
