// The market behind the pages: members who act through the API, so that a browser test starts
// from things of its own and can ask afterwards what became of them.
import { createServer } from "node:http";
import { demo } from "./browser.mjs";

const signedIn = new Map();

/** Asks GraphQL; `headers` say who asks. Fails on errors of the request. */
async function post(headers, query, variables = {}) {
  const response = await fetch(`${demo.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return { data, cookie: response.headers.getSetCookie()[0]?.split(";")[0] };
}

/** What the API answers to a machine's key: its data, or null. */
export async function asKey(key, query) {
  const headers = { authorization: `Bearer ${key}` };
  return post(headers, query).then(
    ({ data }) => data,
    () => null,
  );
}

async function session(login) {
  const query = `mutation($input: SignInInput!) {
    signIn(input: $input) { viewer { csrfToken } userErrors { code } }
  }`;
  const input = { email: login.email, password: login.password };
  const { data, cookie } = await post({}, query, { input });
  if (data.signIn.viewer === null) throw new Error(JSON.stringify(data.signIn.userErrors));
  return { cookie, csrf: data.signIn.viewer.csrfToken };
}

/** A member at the API: `ask(query)` and `act(name, input, selection)`, which fails on refusals. */
export async function member(login) {
  if (!signedIn.has(login.email)) signedIn.set(login.email, await session(login));
  const { cookie, csrf } = signedIn.get(login.email);
  const ask = async (query, variables) =>
    (await post({ cookie, "x-csrf-token": csrf }, query, variables)).data;
  const act = async (name, input, selection) => {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation($input: ${type}!) {
      ${name}(input: $input) { ${selection} userErrors { code field } }
    }`;
    const { [name]: payload } = await ask(query, { input });
    if (payload.userErrors.length > 0) throw new Error(JSON.stringify(payload.userErrors));
    return payload;
  };
  return { ask, act, cookie };
}

/** A page of a member whose profile speaks `language`, without the sign-in form. */
export async function enter(context, login, language, path) {
  const { act, cookie } = await member(login);
  await act("setLocale", { locale: language }, "viewer { csrfToken }");
  const at = cookie.indexOf("=");
  await context.clearCookies();
  await context.addCookies([
    { name: cookie.slice(0, at), value: cookie.slice(at + 1), url: demo.url },
  ]);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  await page.goto(demo.url + path);
  await page.waitForFunction((wanted) => document.documentElement.lang === wanted, language);
  return { page, faults };
}

/** A person who was never sent before. */
export function person(fields = {}) {
  const n = String(Math.floor(Math.random() * 10_000_000)).padStart(7, "0");
  return {
    ...demo.sample,
    phone: `+7916${n}`,
    email: `vera${n}@mail.example.com`,
    ...fields,
  };
}

/** Posts a lead of the demo's source; its verdict. */
export async function send(fields, envelope = {}, key = demo.posting_key) {
  const response = await fetch(`${demo.url}/v1/leads`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ fields, consent: { given: true }, ...envelope }),
  });
  return response.json();
}

/** Terms of an offer in the demo's niche: 777.00 for each lead. */
export function terms(more = {}) {
  const day = 86_400;
  return {
    goals: [{ kind: "LEAD", price: { minor: "77700", currency: "RUB" } }],
    caps: [],
    schedule: { timeZone: "Europe/Moscow", windows: [], holidays: [] },
    conditions: [],
    minScore: 0,
    maxSales: 1,
    dedupeWindowS: 60 * day,
    returnWindowS: 3 * day,
    holdS: 5 * day,
    lockS: 14 * day,
    maxReturnShareBps: 10_000,
    visibility: "PUBLIC",
    priority: 0,
    description: "Made by a browser test.",
    ...more,
  };
}

/** An offer that a buyer submitted; with `approved` an operator let it in. */
export async function offer(login, name, { approved = false, ...more } = {}) {
  const buyer = await member(login);
  const input = { nicheId: demo.niche_id, name, terms: terms(more) };
  const made = await buyer.act("createOffer", input, "offer { id draft { id } }");
  await buyer.act("submitOffer", { offerId: made.offer.id }, "offer { id }");
  if (approved) {
    const operator = await member(demo.operator);
    await operator.act(
      "reviewOffer",
      { versionId: made.offer.draft.id, approve: true },
      "offer { id }",
    );
  }
  return made.offer.id;
}

/** A source that a publisher made, with its posting key; with `target` for one offer only. */
export async function source(
  login,
  name,
  { target = null, approved = false, kind = "API" } = {},
) {
  const publisher = await member(login);
  const input = {
    nicheId: demo.niche_id,
    name,
    kind,
    traffic: "Search",
    maxSales: 1,
    targetOfferId: target,
  };
  const made = await publisher.act("createSource", input, "source { id } postingKey");
  if (approved) {
    const operator = await member(demo.operator);
    await operator.act("decideSource", { id: made.source.id, approve: true }, "source { id }");
  }
  return { id: made.source.id, key: made.postingKey };
}

/** A receiver of webhooks that answers with the statuses in turn, the last one for ever. */
export async function receiver(...statuses) {
  const got = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      got.push({
        id: request.headers["webhook-id"],
        url: request.url,
        body: body === "" ? null : JSON.parse(body),
      });
      response.writeHead(statuses.length > 1 ? statuses.shift() : statuses[0]).end();
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  // A test that fails before it closes the receiver still ends.
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}/leads`,
    got,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

/** Waits until `look` answers something true. */
export async function until(look, what, seconds = 20) {
  for (let n = 0; n < seconds * 5; n += 1) {
    const found = await look();
    if (found) return found;
    await new Promise((wait) => setTimeout(wait, 200));
  }
  throw new Error(`in ${seconds} s: no ${what}`);
}

/** An organization that signed up a moment ago, approved unless `pending`; its owner's login. */
export async function newcomer(kind, organization, { pending = false } = {}) {
  const n = Math.random().toString(36).slice(2, 10);
  const login = { email: `e2e-${n}@mail.example.com`, password: `password ${n}`, organization };
  const input = {
    email: login.email,
    password: login.password,
    name: "Tess Tester",
    organizationName: organization,
    kind,
    country: "RU",
    timeZone: "Europe/Moscow",
    locale: "en",
  };
  const { data } = await post(
    {},
    `mutation($input: SignUpInput!) {
      signUp(input: $input) { viewer { organization { id } } userErrors { code } }
    }`,
    { input },
  );
  login.organization_id = data.signUp.viewer.organization.id;
  if (!pending) {
    const operator = await member(demo.operator);
    await operator.act(
      "decideOrganization",
      { id: login.organization_id, state: "ACTIVE" },
      "organization { id }",
    );
  }
  return login;
}
