// What every browser test needs: Chromium, the demo's logins, a page in a language, axe.
import { readFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The packages live with the front end.
const load = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { chromium } = load("playwright-core");
const axeSource = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");

export const demo = JSON.parse(readFileSync(process.env.LEADBOURSE_DEMO_JSON, "utf8"));

/** Starts Chromium without anything that would call out. */
export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), "leadbourse-chromium."));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.LEADBOURSE_CHROMIUM,
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
  context.setDefaultTimeout(15_000);
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
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
