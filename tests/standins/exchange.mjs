// Our own program as people run it, with an operator and a buyer who ask it through GraphQL.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { answers, freePort, run } from "./start.mjs";

const PASSWORD = "correct horse battery staple";

async function post(url, query, variables, headers = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return { data, cookie: response.headers.getSetCookie()[0]?.split(";")[0] };
}

/** What a mutation's document looks like. */
const mutation = (name, selection) =>
  `mutation($input: ${name[0].toUpperCase()}${name.slice(1)}Input!) {
    ${name}(input: $input) { ${selection} userErrors { code field } }
  }`;

/** Somebody who is signed in: `ask(query)`, and `act(mutation)`, which gives its refusals too. */
function member(url, cookie, csrf) {
  const headers = { cookie, "x-csrf-token": csrf };
  const ask = async (query, variables) => (await post(url, query, variables, headers)).data;
  const act = async (name, input, selection) =>
    (await ask(mutation(name, selection), { input }))[name];
  return { ask, act };
}

const VIEWER = "viewer { csrfToken organization { id } }";

/** Starts an empty exchange whose cards are asked for at `apiBase`. */
export async function startExchange({ apiBase, webhookSecret }) {
  const program = resolve(process.env.LB_TEST_PROGRAM ?? "none");
  if (!existsSync(program)) {
    throw new Error("the program is not built: run scripts/standins, which builds it");
  }
  const dir = mkdtempSync(join(tmpdir(), "leadbourse-standins."));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env.PATH,
    LEADBOURSE_SERVER__PUBLIC_URL: url,
    LEADBOURSE_EGRESS__ALLOW: '["127.0.0.0/8"]',
    LEADBOURSE_STRIPE__SECRET_KEY: "sk_test_standin",
    LEADBOURSE_STRIPE__API_BASE: apiBase,
    // As while a secret is changed: the first one signs nothing yet.
    LEADBOURSE_STRIPE__WEBHOOK_SECRETS: JSON.stringify(["whsec_next", webhookSecret]),
    LEADBOURSE_PASSWORD: PASSWORD,
  };
  const command = (...args) =>
    execFileSync(program, [...args, "--data", dir], { env, cwd: dir, encoding: "utf8" });
  const olga = "olga@exchange.example";
  command("user", "operator", "--email", olga, "--name", "Olga Operator");
  const { LEADBOURSE_PASSWORD: _, ...served } = env;
  const server = run(program, ["serve", "--bind", `127.0.0.1:${port}`, "--data", dir], {
    env: served,
    cwd: dir,
  });
  await server.alive(() => answers(`${url}/healthz`), "the exchange");

  const enter = async (name, input) => {
    const { data, cookie } = await post(url, mutation(name, VIEWER), { input });
    if (!data[name].viewer) throw new Error(`${name}: ${JSON.stringify(data[name].userErrors)}`);
    const { csrfToken, organization } = data[name].viewer;
    return { ...member(url, cookie, csrfToken), organization: organization.id };
  };
  const operator = await enter("signIn", { email: olga, password: PASSWORD });
  const buyer = await enter("signUp", {
    email: "berta@buyer.example",
    password: PASSWORD,
    name: "Berta Buyer",
    organizationName: "Buyer Ltd",
    kind: "BUYER",
    country: "DE",
    timeZone: "Europe/Berlin",
    locale: "en",
  });
  const decision = { id: buyer.organization, state: "ACTIVE" };
  await operator.act("decideOrganization", decision, "organization { id }");

  let keys = 0;
  /** A mutation that moves money, under a key of its own; its object, or its first refusal. */
  const pay = async (who, name, input, object, fields) => {
    const idempotencyKey = `standin-${(keys += 1)}`;
    const payload = await who.act(name, { ...input, idempotencyKey }, `${object} { ${fields} }`);
    return payload.userErrors[0] ?? payload[object];
  };
  return {
    url,
    buyer,
    operator,
    pay,
    /** What the command line says of every balance; fails where a single one differs. */
    verify: () => command("ledger", "verify").trim(),
    stop: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
