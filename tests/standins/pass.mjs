// The pass-through between our program and a public stand-in for Stripe. Requests and answers go
// through it; an answer gets the fields that are absent, and keeps every field that it has.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { parseForm } from "../stripe-double/form.mjs";
import { changed, complete } from "./absent.mjs";

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** Nested values as Stripe's forms: `a[b][0]=1`. */
export function form(values) {
  const fields = new URLSearchParams();
  const walk = (name, value) => {
    if (value === undefined || value === null) return;
    if (typeof value !== "object") fields.append(name, String(value));
    else for (const [key, inner] of Object.entries(value)) walk(`${name}[${key}]`, inner);
  };
  for (const [name, value] of Object.entries(values)) walk(name, value);
  return fields;
}

/** Stripe's signature of a body. */
export function signed(secret, at, raw) {
  const signature = createHmac("sha256", secret).update(`${at}.`).update(raw).digest("hex");
  return `t=${at},v1=${signature}`;
}

/** Whether a signature is the stand-in's. */
function believed(secret, header, raw) {
  const at = /t=(\d+)/.exec(header ?? "")?.[1] ?? "";
  const [wanted, given] = [Buffer.from(signed(secret, at, raw)), Buffer.from(header ?? "")];
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

/**
 * Starts it. `dialect` is what this stand-in needs beyond fields; `forward` is where our program
 * takes webhooks, once it is known.
 */
export async function startPass({ dialect, secret }) {
  const pass = { log: [], told: [], asked: new Map(), upstream: null, forward: null };

  /** Asks the stand-in itself. */
  pass.ask = async (method, path, values = undefined, headers = {}) => {
    const response = await fetch(pass.upstream + path, {
      method,
      headers: { authorization: "Bearer sk_test_standin", ...headers },
      body: values && form(values),
    });
    const text = await response.text();
    let body = text;
    try {
      body = JSON.parse(text);
    } catch {
      // Not every refusal of a stand-in is an object.
    }
    return { status: response.status, body };
  };

  const finished = async (body) => {
    const before = structuredClone(body);
    await dialect.fill?.(pass, body);
    complete(body, (id) => pass.asked.get(id));
    const place = changed(before, body);
    if (place) throw new Error(`the pass-through overwrote ${place}`);
    return body;
  };
  pass.finished = finished;

  async function api(request, path) {
    const { method } = request;
    const given = parseForm((await bodyOf(request)).toString());
    const line = { method, path: path.split("?")[0], given };
    pass.log.push(line);
    const key = request.headers["idempotency-key"];
    const headers = key ? { "idempotency-key": key } : {};
    const sent = method === "POST" ? structuredClone(given) : undefined;
    const { status, body } = await dialect.send(pass, { method, path, given: sent, headers });
    Object.assign(line, { status, body });
    return { status, body: typeof body === "string" ? body : await finished(body) };
  }

  /** What the stand-in tells goes on to our program, signed by the stand-in or, completed, again. */
  async function tell(request) {
    const raw = await bodyOf(request);
    const signature = request.headers["stripe-signature"];
    if (!believed(secret, signature, raw)) throw new Error(`not signed: ${signature}`);
    const event = JSON.parse(raw);
    const told = { raw, signature, type: event.type, about: event.data?.object?.id };
    if (event.id === undefined) {
      event.object ??= "event";
      event.id = `evt_${createHash("sha256").update(raw).digest("hex").slice(0, 24)}`;
      told.raw = Buffer.from(JSON.stringify(await finished(event)));
      told.signature = signed(secret, Math.floor(Date.now() / 1_000), told.raw);
    }
    pass.told.push(told);
    told.status = await pass.send(told);
    return { status: 200, body: {} };
  }

  /** Sends a webhook to our program; the status. */
  pass.send = async ({ raw, signature }) => {
    const headers = { "content-type": "application/json" };
    if (signature) headers["stripe-signature"] = signature;
    const response = await fetch(pass.forward, { method: "POST", headers, body: raw });
    await response.text();
    return response.status;
  };

  const server = createServer((request, response) => {
    const told = request.url === "/_webhook";
    const done = told ? tell(request) : api(request, request.url);
    done.then(
      ({ status, body }) => {
        const json = typeof body !== "string";
        response.writeHead(status, { "content-type": json ? "application/json" : "text/plain" });
        response.end(json ? JSON.stringify(body) : body);
      },
      (error) => {
        // A fault of these tests must not look like an answer of the stand-in.
        pass.fault ??= error;
        response.writeHead(599).end(String(error));
      },
    );
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  pass.url = `http://127.0.0.1:${server.address().port}`;
  pass.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return pass;
}
