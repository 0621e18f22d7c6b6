// What a tester's hands and eyes do on a page.
import assert from "node:assert/strict";
import { findings, untranslated } from "./browser.mjs";

/** The page as it stands is translated and passes axe. */
export async function sound(page) {
  assert.deepEqual([...(await untranslated(page)), ...(await findings(page))], []);
}

/** Waits for this text in the page's content. */
export async function sees(page, text, exact = true) {
  await page.locator("main").getByText(text, { exact }).first().waitFor();
}

/** The table row with this text, and with this thing in it. */
export function row(page, text, has = undefined) {
  return page.getByRole("row").filter({ hasText: text, has }).first();
}

/** The card with this heading. */
export function card(page, text) {
  return page.locator(".mantine-Card-root").filter({ hasText: text }).first();
}

/** Presses a button of the page, or of a part of it. */
export async function press(place, name) {
  await place.getByRole("button", { name, exact: true }).first().click();
}

/** The open dialog, once it has stopped moving. */
export async function dialog(page) {
  const found = page.getByRole("dialog");
  await found.waitFor();
  await page.waitForFunction(() => {
    const box = document.querySelector("[role=dialog]");
    return (
      box !== null && box.getAnimations().length === 0 && getComputedStyle(box).opacity === "1"
    );
  });
  return found;
}

/** Chooses an option of a select by its label. */
export async function choose(place, label, option) {
  await place.getByRole("combobox", { name: label }).click();
  await place.page().getByRole("option", { name: option, exact: true }).click();
}

/** Sends the open dialog's form and waits until it is gone. */
export async function send(page) {
  const open = page.getByRole("dialog");
  await open.locator('button[type="submit"]').click();
  await open.waitFor({ state: "detached" });
}

/**
 * Presses a button that asks first, looks at the dialog, and confirms. With `note` the words are
 * typed into the last field; `required` checks that it cannot be confirmed without them.
 */
export async function confirm(page, name, { within = page, note, required = false } = {}) {
  await press(within, name);
  const open = await dialog(page);
  await sound(page);
  const submit = open.locator('button[type="submit"]');
  assert.equal(await submit.isDisabled(), required);
  if (note !== undefined) await open.getByRole("textbox").last().fill(note);
  await send(page);
}
