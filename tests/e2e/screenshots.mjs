// Pictures of the demo market for the documentation: node screenshots.mjs FOLDER
import { join } from "node:path";
import { demo, launch, open, sell, settled, signIn, speak } from "./browser.mjs";

const folder = process.argv[2];
const browser = await launch();
try {
  await sell();
  const { page } = await open(browser.context, "/sign-in");
  await speak(page, "en");
  await settled(page);
  await page.screenshot({ path: join(folder, "sign-in.png") });
  await page.close();

  const shots = [
    [demo.buyers[0], "en", "/", "buyer-start"],
    [demo.buyers[0], "en", "/buyer/leads", "buyer-inbox"],
    [demo.buyers[0], "en", `/buyer/offers/${demo.offer_id}`, "buyer-offer"],
    [demo.buyers[0], "ru", "/buyer/wallet", "buyer-wallet-ru"],
    [demo.publishers[0], "en", "/publisher/catalogue", "publisher-catalogue"],
    [demo.publishers[0], "en", "/publisher/leads", "publisher-leads"],
    [demo.publishers[0], "ru", "/publisher/earnings", "publisher-earnings-ru"],
    [demo.operator, "en", "/", "operator-start"],
    [demo.operator, "en", "/operator/disputes", "operator-disputes"],
    [demo.operator, "en", "/operator/ledger", "operator-ledger"],
    [demo.operator, "ru", "/operator/approvals", "operator-approvals-ru"],
  ];
  for (const [login, language, path, name] of shots) {
    const { page } = await signIn(browser.context, login, language);
    await page.goto(demo.url + path);
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
    console.log(`${name}.png`);
  }
} finally {
  await browser.close();
}
