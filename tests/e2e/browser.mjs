// What every browser test needs: Chromium, the demo's logins, a page in a language, axe.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The packages live with the front end.
const load = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { chromium } = load("playwright-core");
const axeSource = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");

export const demo = JSON.parse(readFileSync(process.env.LB_TEST_DEMO_JSON, "utf8"));

/** Starts Chromium without anything that would call out. */
export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), "leadbourse-chromium."));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.LB_TEST_CHROMIUM,
    headless: true,
    viewport: { width: 1360, height: 900 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  context.setDefaultTimeout(20_000);
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** A new page that remembers what went wrong in it. */
export async function open(context, path) {
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  await page.goto(demo.url + path);
  return { page, faults };
}

/** Signs in through the form, and lets the member's profile speak `language`. */
export async function signIn(context, login, language = "en") {
  await context.clearCookies();
  const { page, faults } = await open(context, "/sign-in");
  await page.locator('input[type="email"]').fill(login.email);
  await page.locator('input[type="password"]').fill(login.password);
  await page.locator('form button[type="submit"]').click();
  await page.waitForFunction(() => !location.pathname.startsWith("/sign-in"));
  await settled(page);
  await page.evaluate(async (locale) => {
    const ask = (headers, body) =>
      fetch("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }).then((response) => response.json());
    const { data } = await ask({}, { query: "{ viewer { csrfToken } }" });
    await ask(
      { "x-csrf-token": data.viewer.csrfToken },
      {
        query:
          "mutation($input: SetLocaleInput!) { setLocale(input: $input) { userErrors { code } } }",
        variables: { input: { locale } },
      },
    );
  }, language);
  await page.reload();
  await page.waitForFunction((wanted) => document.documentElement.lang === wanted, language);
  await settled(page);
  return { page, faults };
}

/** Chooses the language where the page is in the other one. */
export async function speak(page, language) {
  const choice = page.locator(`input[type="radio"][value="${language}"]`).first();
  await choice.waitFor({ state: "attached" });
  if (!(await choice.isChecked())) {
    await choice.evaluate((input) => input.click());
    await page.waitForFunction((wanted) => document.documentElement.lang === wanted, language);
  }
}

/** Waits until nothing loads any more. */
export async function settled(page) {
  await page.waitForLoadState("networkidle");
  await page
    .locator(".mantine-Skeleton-root, .mantine-Loader-root")
    .first()
    .waitFor({ state: "detached", timeout: 10_000 })
    .catch(() => {});
}

/** Waits until a page of a workspace shows what it is about. */
export async function loaded(page) {
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(
    () => document.querySelector("main .mantine-Loader-root, main .mantine-Skeleton-root") === null,
  );
}

/** Serious findings of axe on the page, as one line each. */
export async function findings(page) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] }),
  );
  return result.violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(" ")).slice(0, 3)})`);
}

/** Texts on the page that are keys of the dictionaries instead of words. */
export async function untranslated(page) {
  const text = await page.locator("body").innerText();
  return text
    .split(/\s+/)
    .filter((word) =>
      /^(common|enums|errors|auth|account|dashboard|market|shared|operator|buyer|publisher|traffic|orders|finance)(\.[A-Za-z_]+)+$/.test(
        word,
      ),
    );
}

/** Sells a person who was never sent before; the verdict. */
export async function sell() {
  const n = String(Math.floor(Math.random() * 10_000_000)).padStart(7, "0");
  const fields = {
    ...demo.sample,
    phone: `+7916${n}`,
    email: `vera${n}@mail.example.com`,
  };
  const response = await fetch(`${demo.url}/v1/leads`, {
    method: "POST",
    headers: { authorization: `Bearer ${demo.posting_key}`, "content-type": "application/json" },
    body: JSON.stringify({ fields, consent: { given: true } }),
  });
  return { phone: fields.phone, status: response.status, verdict: await response.json() };
}
