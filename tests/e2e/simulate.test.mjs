// The routing simulator: an operator tries a lead, and nothing of it stays.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, launch, loaded } from "./browser.mjs";
import { press, sees, sound } from "./hands.mjs";
import * as market from "./market.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const operator = demo.operator;
const path = `/operator/sources/${demo.source_id}`;
const enter = (language) => market.enter(browser.context, operator, language, path);

test("an operator tries a lead and reads who would buy it, and why", async () => {
  const { ask } = await market.member(operator);
  const newest = "{ leads(first: 1) { nodes { id } } }";
  const before = await ask(newest);
  const { page, faults } = await enter("en");
  await page.getByRole("link", { name: "Simulate a lead" }).click();
  await loaded(page);
  await sees(page, "Send a made-up lead to see who would buy it, and why.");
  // The fields begin with the example of the source's specification.
  await press(page, "Simulate");
  await sees(page, "What would become of it");
  await page.getByRole("table", { name: "Who would buy" }).waitFor();
  await sees(page, "Why this price", false);
  await sound(page);

  // Without consent the niche refuses it, as it would a true lead.
  await page.getByLabel("The person has agreed").uncheck();
  await press(page, "Simulate");
  await sees(page, "CONSENT_MISSING");
  assert.equal(await page.getByRole("table", { name: "Who would buy" }).count(), 0);
  await sound(page);
  await page.close();
  assert.deepEqual(faults, []);
  assert.deepEqual(await ask(newest), before);
});

test("in Russian too", async () => {
  const { page, faults } = await enter("ru");
  await page.getByRole("link", { name: "Проверить на пробном лиде" }).click();
  await loaded(page);
  await press(page, "Проверить");
  await sees(page, "Что с ним станет");
  await sound(page);
  await page.close();
  assert.deepEqual(faults, []);
});
