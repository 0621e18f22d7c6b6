// The main way: a visitor is asked to sign in, a sold lead is in the buyer's inbox with its
// contact, and what the publisher sees of it is masked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, findings, launch, open, sell, settled, signIn, speak } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("a visitor meets the sign-in page, in either language", async () => {
  await browser.context.clearCookies();
  const { page, faults } = await open(browser.context, "/");
  await page.waitForFunction(() => location.pathname === "/sign-in");
  for (const [language, word] of [
    ["en", "Sign in"],
    ["ru", "Войти"],
  ]) {
    await speak(page, language);
    await page.getByRole("button", { name: word, exact: true }).waitFor();
    assert.deepEqual(await findings(page), []);
  }
  await page.locator('input[type="email"]').fill(demo.operator.email);
  await page.locator('input[type="password"]').fill("not the password");
  await page.locator('form button[type="submit"]').click();
  await page.getByRole("alert").first().waitFor();
  assert.match(page.url(), /\/sign-in/);
  await page.close();
  assert.deepEqual(faults, []);
});

test("a lead that was sold is in the buyer's inbox, with its contact", async () => {
  const { phone, status, verdict } = await sell();
  assert.equal(status, 200);
  assert.equal(verdict.verdict, "SOLD", JSON.stringify(verdict));
  const awardIds = verdict.awards.map((award) => award.award_id);

  let found = null;
  for (const buyer of demo.logins.filter((login) => login.kind === "BUYER")) {
    const { page } = await signIn(browser.context, buyer, "en");
    await page.goto(`${demo.url}/awards/${awardIds[0]}`);
    await settled(page);
    const text = await page.locator("main").innerText();
    if (text.replaceAll(/[\s()-]/g, "").includes(phone)) {
      found = buyer;
      await page.goto(`${demo.url}/buyer/leads`);
      await settled(page);
      await page.locator(`a[href*="${awardIds[0]}"]`).first().waitFor();
    }
    await page.close();
    if (found) break;
  }
  assert.ok(found, "no buyer sees the lead");

  const { page } = await signIn(browser.context, demo.publishers[0], "ru");
  await page.goto(`${demo.url}/leads/${verdict.lead_id}`);
  await settled(page);
  const text = await page.locator("main").innerText();
  assert.ok(!text.replaceAll(/[\s()-]/g, "").includes(phone), "the publisher sees the phone");
  await page.close();
});
