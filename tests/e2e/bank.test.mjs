// How publishers are paid, in a browser: accounts that are checked while they are typed, the file
// for the bank, its answer line by line, a payout that nobody knows of, and the next try.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { demo, launch, loaded } from "./browser.mjs";
import { choose, confirm, dialog, press, row, sees, send, sound } from "./hands.mjs";
import * as market from "./market.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const enter = (login, language, path) => market.enter(browser.context, login, language, path);

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

/** What the press of a button hands to the browser as a file. */
async function downloaded(page, act) {
  const [download] = await Promise.all([page.waitForEvent("download"), act()]);
  return {
    name: download.suggestedFilename(),
    text: readFileSync(await download.path(), "utf8"),
  };
}

const PROFILES = `{ payoutProfiles {
  currency rail detailsMasked account { holder country iban bic bik account } minPayout { minor }
} }`;

test("an IBAN is checked while it is typed, and shown masked", async () => {
  const login = await market.newcomer("PUBLISHER", "Iban Publisher");
  const { page, faults } = await enter(login, "en", "/publisher/payout-profile");
  await sees(page, "No profile yet. Without one nothing can be paid out.");
  await choose(page.locator("main"), "Currency", "RUB");
  await page.getByText("IBAN", { exact: true }).first().click();
  const iban = page.getByRole("textbox", { name: "IBAN", exact: true });
  await iban.fill("DE88370400440532013000");
  await sees(page, "The check digits do not fit: there is a slip in the number.");
  await sound(page);
  await press(page, "Save");
  await sees(page, "This field is required.");
  await page.getByLabel("Account holder").fill("Anna Schmidt");
  await page.getByLabel("Country of the holder").fill("de");
  await iban.fill("de89 3704 0044 0532 0130 00");
  await sees(page, "The check digits fit.");
  await page.getByLabel("BIC", { exact: true }).fill("COBADEFF");
  await page.getByLabel("Least payout").fill("750,50");
  await sound(page);
  await press(page, "Save");
  await sees(page, "IBAN DE •••• 3000");
  await sound(page);
  await done({ page, faults });
  const { ask } = await market.member(login);
  assert.deepEqual((await ask(PROFILES)).payoutProfiles, [
    {
      currency: "RUB",
      rail: "BANK_FILE",
      detailsMasked: "DE •••• 3000",
      account: {
        holder: "A••• S•••",
        country: "DE",
        iban: "DE •••• 3000",
        bic: "COBADEFF",
        bik: null,
        account: null,
      },
      minPayout: { minor: "75050" },
    },
  ]);
});

test("a Russian account has to fit its bank", async () => {
  const login = await market.newcomer("PUBLISHER", "Bik Publisher");
  const { page, faults } = await enter(login, "ru", "/publisher/payout-profile");
  await choose(page.locator("main"), "Валюта", "RUB");
  await page.getByText("Российский счёт (БИК)", { exact: true }).click();
  await page.getByLabel("Владелец счёта").fill("Иван Петров");
  await page.getByLabel("Страна владельца").fill("RU");
  await page.getByLabel("БИК", { exact: true }).fill("044525225");
  const account = page.getByLabel("Номер счёта");
  await account.fill("40702810000000000001");
  await sees(page, "Счёт не относится к этому БИК: опечатка в одном из номеров.");
  await press(page, "Сохранить");
  await sees(page, "Счёт не подходит к БИК; проверьте оба номера.");
  await sound(page);
  await account.fill("4070 2810 2000 0000 0001");
  await sees(page, "Счёт подходит к БИК.");
  await press(page, "Сохранить");
  await sees(page, "БИК 044525225, •••• 0001");
  await sound(page);
  await done({ page, faults });
});

const OPEN = `{ payouts(state: EXPORTED, first: 10) { nodes {
  id endToEndId amount { minor currency decimal } statement { id publisher { name } }
} } }`;

test("the bank's answer is read line by line before it is applied", async () => {
  const operator = await market.member(demo.operator);
  const [first, second] = (await operator.ask(OPEN)).payouts.nodes;
  const { page, faults } = await enter(demo.operator, "en", "/operator/bank-answers");
  await sees(page, "No answer was imported yet.");
  await sound(page);
  const lines = [
    "end_to_end,status,amount,currency,reason,reference",
    `${first.endToEndId},CONFIRMED,${first.amount.decimal},RUB,,4711`,
    `${second.endToEndId},REFUSED,${second.amount.decimal},RUB,AC04,4712`,
    "PAY00000000000000000000000000,CONFIRMED,1.00,RUB,,4713",
  ];
  await page.getByRole("textbox", { name: "File" }).fill(lines.join("\n"));
  await press(page, "Compare");
  await page.waitForURL(/\/operator\/bank-answers\/bka_/);
  await row(page, first.statement.publisher.name).getByText("Confirms").waitFor();
  await row(page, "The account is closed (AC04)").getByText("Refuses").waitFor();
  await row(page, "PAY00000000000000000000000000")
    .getByText("The exchange has sent no such payout.")
    .waitFor();
  await sees(page, "Some lines need a person");
  await sound(page);
  // A preview changes nothing.
  assert.equal((await operator.ask(OPEN)).payouts.nodes.length, 2);
  await press(page, "Apply");
  const open = await dialog(page);
  await open.getByText(/Payouts confirmed: 1\. Payouts refused: 1\./).waitFor();
  await sound(page);
  await send(page);
  await sees(page, "Applied");
  await sound(page);
  const state = async ({ statement: { id } }) => {
    const query = `query($id: ID!) { statement(id: $id) {
      state payouts { state generation reference reason }
    } }`;
    return (await operator.ask(query, { id })).statement;
  };
  assert.deepEqual(await state(first), {
    state: "PAID",
    payouts: [{ state: "CONFIRMED", generation: 1, reference: "4711", reason: null }],
  });
  const refused = await state(second);
  assert.deepEqual(refused.payouts, [
    { state: "REFUSED", generation: 1, reference: "4712", reason: "AC04" },
  ]);

  // The publisher mends the account; the statement is paid again as the next generation.
  await page.goto(`${demo.url}/statements/${second.statement.id}`);
  await loaded(page);
  await confirm(page, "Pay again");
  await sees(page, "Approved; it goes into the next file for the bank.");
  await sound(page);
  const again = await state(second);
  assert.deepEqual(again.payouts.map(({ state: is, generation }) => [generation, is]).sort(), [
    [1, "REFUSED"],
    [2, "PLANNED"],
  ]);
  await done({ page, faults });
});

test("payouts leave as ISO 20022 orders; one that nobody knows of waits for a person", async () => {
  const operator = await market.member(demo.operator);
  const planned = `{ payouts(state: PLANNED, first: 10) { nodes {
    id endToEndId amount { minor decimal } statement { id runId }
  } } }`;
  const [payout] = (await operator.ask(planned)).payouts.nodes;
  const { page, faults } = await enter(
    demo.operator,
    "en",
    `/operator/settlements/${payout.statement.runId}`,
  );
  await press(page, "Export payouts");
  const open = await dialog(page);
  await choose(open, "Format", "ISO 20022 (pain.001)");
  await sound(page);
  const file = await downloaded(page, () => open.locator('button[type="submit"]').click());
  assert.match(file.name, /\.xml$/);
  assert.match(file.text, /urn:iso:std:iso:20022:tech:xsd:pain\.001\.001\.09/);
  assert.ok(file.text.includes(`<EndToEndId>${payout.endToEndId}</EndToEndId>`));
  assert.ok(file.text.includes(`<InstdAmt Ccy="RUB">${payout.amount.decimal}</InstdAmt>`));
  assert.ok(file.text.includes("<NbOfTxs>1</NbOfTxs>"));
  const files = page.getByRole("table", { name: "Files for the bank" });
  await files.getByText("ISO 20022 (pain.001)").waitFor();
  await sound(page);

  await page.goto(`${demo.url}/operator/payouts?state=EXPORTED`);
  const line = row(page, payout.endToEndId);
  await confirm(page, "Hold", { within: line, note: "The bank's site was down", required: true });
  await line.waitFor({ state: "detached" });
  await page.goto(`${demo.url}/operator/payouts?state=UNKNOWN`);
  await sees(page, "Nobody knows what became of a payout");
  await sound(page);
  await press(line, "Confirm");
  const yes = await dialog(page);
  await yes.getByLabel("Reference").fill("4714");
  await sound(page);
  await send(page);
  await line.waitFor({ state: "detached" });
  const query = `{ payouts(state: CONFIRMED, first: 50) { nodes { id reference generation } } }`;
  const paid = (await operator.ask(query)).payouts.nodes.find(({ id }) => id === payout.id);
  assert.deepEqual(paid, { id: payout.id, reference: "4714", generation: 2 });
  await done({ page, faults });
});
