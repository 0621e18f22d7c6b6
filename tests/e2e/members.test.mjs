// What buyers and publishers do with each other and with their own organization, in a browser.
// Each test brings its own offer and source, and asks the API what became of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, launch } from "./browser.mjs";
import { choose, confirm, dialog, press, row, sees, send, sound } from "./hands.mjs";
import * as market from "./market.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const [buyer] = demo.buyers;
const [publisher, other, third] = demo.logins.filter((login) => login.kind === "PUBLISHER");
const enter = (login, language, path) => market.enter(browser.context, login, language, path);

/** A name that no earlier run has used. */
const unique = (name) => `${name} ${Date.now()}`;

async function done({ page, faults }) {
  await page.close();
  assert.deepEqual(faults, []);
}

/** A fresh person sold to an offer of the buyer for 777.00: the award's id. */
async function sale() {
  const target = await market.offer(buyer, unique("Offer of a test"), { approved: true });
  const { key } = await market.source(publisher, unique("Source"), { target, approved: true });
  const { awards } = await market.send(market.person(), {}, key);
  return { target, key, award: awards[0].award_id };
}

test("a publisher applies, is let in and stopped; another is declined, then invited", async () => {
  const more = { approved: true, visibility: "BY_APPLICATION" };
  const target = await market.offer(buyer, unique("By application"), more);
  const words = unique("Search traffic, 20 leads a day");
  const applicant = await enter(publisher, "en", `/publisher/catalogue/${target}`);
  await confirm(applicant.page, "Apply", { note: words });
  await sees(applicant.page, "You have applied; the buyer has not answered yet.");
  await done(applicant);

  const english = await enter(buyer, "en", "/buyer/participations");
  const asking = row(english.page, words);
  await sound(english.page);
  await confirm(english.page, "Approve", { within: asking, note: "Welcome." });
  await asking.waitFor({ state: "detached" });
  await done(english);
  const { ask, act } = await market.member(buyer);
  const states = async () => {
    const query = `query($id: ID!) {
      participations(offerId: $id) { nodes { state note publisher { name } } }
    }`;
    const { participations } = await ask(query, { id: target });
    return participations.nodes.map((one) => [one.publisher.name, one.state, one.note]);
  };
  assert.deepEqual(await states(), [[publisher.organization, "APPROVED", "Welcome."]]);

  const second = await market.member(other);
  await second.act("applyToOffer", { offerId: target }, "participation { id }");
  const russian = await enter(buyer, "ru", `/buyer/offers/${target}`);
  await russian.page.getByRole("tab", { name: "Вебмастера" }).click();
  const stopped = row(russian.page, publisher.organization);
  await confirm(russian.page, "Отозвать", { within: stopped, note: "Мало лидов." });
  await stopped.getByText("Отозвана", { exact: true }).waitFor();
  const declined = row(russian.page, other.organization);
  await confirm(russian.page, "Отклонить", { within: declined });
  await declined.getByText("Отклонена", { exact: true }).waitFor();
  await sound(russian.page);
  assert.deepEqual((await states()).sort(), [
    [other.organization, "DECLINED", null],
    [publisher.organization, "REVOKED", "Мало лидов."],
  ]);

  await press(russian.page, "Пригласить вебмастера");
  const form = await dialog(russian.page);
  await form.getByRole("textbox").first().fill(third.organization_id);
  await sound(russian.page);
  await send(russian.page);
  const invited = row(russian.page, third.organization);
  await invited.getByText("Одобрена", { exact: true }).waitFor();
  await done(russian);

  const reader = await enter(publisher, "ru", `/publisher/catalogue/${target}`);
  await sees(reader.page, "Покупатель отозвал ваш доступ.");
  await sees(reader.page, "Мало лидов.");
  await sound(reader.page);
  await done(reader);
  await act("closeOffer", { offerId: target }, "offer { id }");
});

test("a lead reaches an endpoint at the second try, and is sent again by hand", async () => {
  const hook = await market.receiver(500, 200);
  const english = await enter(buyer, "en", "/buyer/endpoints");
  await press(english.page, "Add an endpoint");
  await (await dialog(english.page)).getByLabel("Address").fill(hook.url);
  await sound(english.page);
  await english.page.locator('[role=dialog] button[type="submit"]').click();
  const secret = english.page.getByTestId("secret");
  await secret.waitFor();
  assert.match(await secret.innerText(), /^whsec_/);
  await press(english.page, "I have stored it");
  await secret.waitFor({ state: "detached" });

  const { award } = await sale();
  const mine = () => hook.got.filter(({ body }) => JSON.stringify(body).includes(award));
  await market.until(() => mine().length === 2, "second try");
  await english.page.goto(`${demo.url}/awards/${award}`);
  const log = row(english.page, hook.url);
  await log.getByText("Delivered", { exact: true }).waitFor();
  await log.getByText(/^1\. .+ · 500 · \d+ ms$/).waitFor();
  await log.getByText(/^2\. .+ · 200 · \d+ ms$/).waitFor();
  await sound(english.page);
  await press(log, "Send again");
  await market.until(() => mine().length === 3, "third sending");
  await log.getByText(/^3\. .+ · 200 · \d+ ms$/).waitFor();
  await done(english);

  const russian = await enter(buyer, "ru", "/buyer/endpoints");
  const link = russian.page.locator(`a[href$="${award}"]`);
  const delivery = row(russian.page, hook.url, link);
  await confirm(russian.page, "Отправить ещё раз", { within: delivery });
  await market.until(() => mine().length === 4, "fourth sending");
  assert.equal(new Set(mine().map(({ id }) => id)).size, 1, "one message, one id");
  const query =
    "query($id: ID!) { award(id: $id) { deliveries { endpointUrl state attempts { n status } } } }";
  const { ask } = await market.member(buyer);
  const logged = async () => {
    const { deliveries } = (await ask(query, { id: award })).award;
    return deliveries.find((one) => one.endpointUrl === hook.url);
  };
  await market.until(async () => (await logged()).attempts.length === 4, "log");
  assert.deepEqual(await logged(), {
    endpointUrl: hook.url,
    state: "DELIVERED",
    attempts: [500, 200, 200, 200].map((status, index) => ({ n: index + 1, status })),
  });

  const endpoint = row(russian.page, hook.url);
  await confirm(russian.page, "Пауза", { within: endpoint });
  await endpoint.getByText("На паузе", { exact: true }).waitFor();
  await confirm(russian.page, "Удалить", { within: endpoint });
  await endpoint.getByText("На паузе", { exact: true }).waitFor({ state: "detached" });
  await done(russian);
  await hook.close();
});

test("a key's secret is shown once, works, and ends when it is revoked", async () => {
  const name = unique("CRM");
  const english = await enter(buyer, "en", "/account/api-keys");
  await press(english.page, "Create a key");
  const form = await dialog(english.page);
  await form.getByLabel("Name").fill(name);
  await choose(form, "Rights", "See the organization, niches, offers");
  await form.getByLabel("Name").click();
  await sound(english.page);
  await english.page.locator('[role=dialog] button[type="submit"]').click();
  const shown = english.page.getByTestId("secret");
  await shown.waitFor();
  const secret = (await shown.innerText()).trim();
  assert.match(secret, /^lbk_\S{20,}$/);
  await press(english.page, "I have stored it");
  await row(english.page, name).waitFor();
  await english.page.reload();
  await row(english.page, name).waitFor();
  assert.ok(!(await english.page.content()).includes(secret), "the secret is still there");
  await done(english);
  const query = "{ niches { slug } wallets { currency } }";
  assert.equal((await market.asKey(secret, "{ niches { slug } }")).niches.length, 5);
  assert.equal(await market.asKey(secret, query), null, "a right that was not given");

  const russian = await enter(buyer, "ru", "/account/api-keys");
  await confirm(russian.page, "Отозвать", { within: row(russian.page, name) });
  await row(russian.page, name).getByText("Отозван", { exact: false }).first().waitFor();
  await sound(russian.page);
  await done(russian);
  assert.equal(await market.asKey(secret, "{ niches { slug } }"), null);
});

test("a return is opened, contested, and decided in half; the money follows", async () => {
  const { award } = await sale();
  const { ask } = await market.member(buyer);
  const funds = async () => {
    const { wallets } = await ask("{ wallets { currency available { minor } } }");
    return Number(wallets.find((one) => one.currency === "RUB").available.minor);
  };
  const before = await funds();

  const opened = await enter(buyer, "en", `/awards/${award}`);
  await press(opened.page, "Return");
  const claim = await dialog(opened.page);
  await choose(claim, "Reason", "The number does not exist or is switched off for days");
  await claim.getByLabel("Comment").fill("Three calls on two days.");
  await sound(opened.page);
  await send(opened.page);
  const link = opened.page.locator('a[href*="/disputes/dsp_"]').first();
  await link.waitFor();
  const path = new URL(await link.getAttribute("href"), demo.url).pathname;
  await done(opened);

  const contested = await enter(publisher, "ru", path);
  await sound(contested.page);
  const note = "Клиент подтвердил заявку.";
  await confirm(contested.page, "Оспорить", { note, required: true });
  await sees(contested.page, "возврат оспорен");
  await done(contested);

  const decided = await enter(demo.operator, "en", path);
  await sees(decided.page, note);
  await press(decided.page, "Decide");
  const form = await dialog(decided.page);
  const submit = form.locator('button[type="submit"]');
  assert.ok(await submit.isDisabled(), "nothing is chosen yet");
  await form.getByRole("radio").nth(1).check();
  await form.getByLabel("Comment").fill("Heard the call: the person asked for something else.");
  await sound(decided.page);
  await send(decided.page);
  await sees(decided.page, "upheld the return in part");
  await done(decided);

  const reader = await enter(buyer, "ru", path);
  await sees(reader.page, "возврат удовлетворён частично");
  await sound(reader.page);
  await done(reader);
  const query =
    "query($id: ID!) { dispute(id: $id) { state decidedBps conversion { returnedBps } } }";
  const { dispute } = await ask(query, { id: path.split("/").at(-1) });
  assert.deepEqual(dispute, {
    state: "PARTIAL",
    decidedBps: 5_000,
    conversion: { returnedBps: 5_000 },
  });
  assert.equal((await funds()) - before, 38_850, "half of 777.00");
});

test("an owner adds a member, changes the role, removes them, and renames the organization", async () => {
  const owner = await market.newcomer("BUYER", unique("Old name"));
  const english = await enter(owner, "en", "/account/members");
  await press(english.page, "Add a member");
  const form = await dialog(english.page);
  const fresh = { email: `max${Date.now()}@mail.example.com`, password: "a first password" };
  await form.getByLabel("E-mail").fill(fresh.email);
  await form.getByRole("textbox", { name: "Name" }).fill("Max Member");
  await choose(form, "Role", "Manager");
  await form.getByLabel("First password").fill(fresh.password);
  await sound(english.page);
  await send(english.page);
  const line = row(english.page, fresh.email);
  await choose(line, "Role: Max Member", "Analyst");
  const { ask } = await market.member(fresh);
  const role = async () => (await ask("{ viewer { role } }")).viewer?.role ?? null;
  await market.until(async () => (await role()) === "ANALYST", "new role");
  await done(english);

  const russian = await enter(owner, "ru", "/account/members");
  const leaving = row(russian.page, fresh.email);
  await confirm(russian.page, "Убрать", { within: leaving });
  await leaving.waitFor({ state: "detached" });
  assert.equal(await role(), null);

  await russian.page.goto(`${demo.url}/account/organization`);
  await press(russian.page, "Изменить");
  const name = unique("Новое имя");
  await russian.page.getByLabel("Название организации").fill(name);
  await russian.page.getByLabel("Страна").fill("1");
  await press(russian.page, "Сохранить");
  await russian.page.locator('[id$="-error"]').getByText("Две буквы").waitFor();
  await russian.page.getByLabel("Страна").fill("kz");
  await russian.page.getByRole("combobox", { name: "Часовой пояс" }).fill("Asia/Almaty");
  await russian.page.getByRole("option", { name: "Asia/Almaty" }).click();
  await sound(russian.page);
  await press(russian.page, "Сохранить");
  await russian.page.getByRole("heading", { name }).waitFor();
  await done(russian);
  const me = await market.member(owner);
  const { viewer } = await me.ask("{ viewer { organization { name country timeZone } } }");
  assert.deepEqual(viewer.organization, { name, country: "KZ", timeZone: "Asia/Almaty" });
});

test("other traffic sends a source to moderation again, and the form says so", async () => {
  const { id, key } = await market.source(publisher, unique("Moved site"), { approved: true });
  const { page, faults } = await enter(publisher, "ru", `/publisher/sources/${id}`);
  await press(page, "Изменить");
  await page.getByLabel("Трафик").fill("Рассылка по своей базе");
  await sees(
    page,
    "Новый трафик снова проверит оператор: до одобрения источник не принимает лиды.",
  );
  await sound(page);
  await press(page, "Сохранить");
  await sees(page, "На проверке");
  await done({ page, faults });
  const { ask } = await market.member(publisher);
  const { source } = await ask("query($id: ID!) { source(id: $id) { state traffic } }", { id });
  assert.deepEqual(source, { state: "PENDING", traffic: "Рассылка по своей базе" });
  const refused = await market.send(market.person(), {}, key);
  assert.deepEqual(
    [refused.verdict, refused.reasons.map((reason) => reason.code)],
    ["REJECTED", ["SOURCE_NOT_ACTIVE"]],
  );
});
