// A stand-in for Stripe that keeps state: see README.md. Prints `{"port": …}` when it listens.

import http from 'node:http';
import { expanded, expireSession, paySession, route } from './api.mjs';
import { control } from './control.mjs';
import { Refusal, missing, parseForm } from './form.mjs';
import { page } from './page.mjs';
import { newStore } from './store.mjs';

const store = newStore();
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function answer(response, status, body, headers = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2);
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'request-id': store.id('req'), ...headers });
  response.end(text);
}

/** The first fault that fits, taken off its list. */
function fault(method, path) {
  const found = store.faults.find((one) => `${method} ${path}`.startsWith(one.match));
  if (found && (found.times -= 1) <= 0) store.faults.splice(store.faults.indexOf(found), 1);
  return found;
}

/** Executes once per key: the same request again is answered as before. */
async function execute(method, path, text, key, base) {
  const known = key && store.keys.get(key);
  if (known) {
    if (known.request !== `${method} ${path} ${text}`) {
      throw new Refusal(400, 'idempotency_error', 'Keys for idempotent requests can only be used with the same parameters they were first used with.');
    }
    if (known.status === undefined) {
      throw new Refusal(409, 'idempotency_error', 'There is currently another in-progress request using this Idempotent Key.', { code: 'idempotency_key_in_use' });
    }
    return { ...known, replayed: true };
  }
  const found = route(method, path);
  if (!found) throw new Refusal(404, 'invalid_request_error', `Unrecognized request URL (${method}: ${path}).`);
  const record = { request: `${method} ${path} ${text}`, status: undefined, body: undefined };
  if (key) store.keys.set(key, record);
  try {
    await wait(store.config.work_ms ?? 0);
    const given = parseForm(text);
    const made = await found.handler({ store, given, id: found.id, base });
    Object.assign(record, { status: 200, body: expanded(store, made, given.expand) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    Object.assign(record, { status: error.status, body: error.body });
    // What was wrong with the words is not kept: they may be sent again, corrected.
    if (key && error.status !== 402) store.keys.delete(key);
  }
  return record;
}

async function api(request, response, url, base) {
  const { method } = request;
  const body = await read(request);
  const key = request.headers['idempotency-key'];
  const text = method === 'POST' ? body : url.search.slice(1);
  const log = { method, path: url.pathname, text, key: key ?? null };
  store.requests.push(log);
  if (!/^Bearer (sk|rk)_test_/.test(request.headers.authorization ?? '')) {
    throw new Refusal(401, 'invalid_request_error', 'Invalid API Key provided.');
  }
  const planned = fault(method, url.pathname);
  if (planned?.kind === 'status') {
    throw new Refusal(planned.status, 'api_error', 'Planned fault.');
  }
  if (planned?.kind === 'lose') return request.socket.destroy();
  const done = await execute(method, url.pathname, text, method === 'POST' ? key : undefined, base);
  Object.assign(log, { given: parseForm(text), status: done.status, answer: done.body });
  if (planned?.kind === 'drop') return request.socket.destroy();
  if (planned?.kind === 'delay') await wait(planned.ms);
  const headers = key ? { 'idempotency-key': key } : {};
  if (done.replayed) headers['idempotent-replayed'] = 'true';
  return answer(response, done.status, done.body, headers);
}

async function pay(request, response, id) {
  const session = store.get(id);
  if (!session) throw missing('checkout.session', id);
  if (request.method !== 'POST') return answer(response, 200, page(session));
  const { card = '' } = parseForm(await read(request));
  let failure;
  try {
    failure = paySession(store, session, card.replaceAll(' ', ''));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    failure = error;
  }
  if (failure) return answer(response, 402, page(session, failure));
  const to = (session.success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', session.id);
  return answer(response, 303, '', { location: to });
}

async function serve(request, response) {
  const base = `http://${request.headers.host}`;
  const url = new URL(request.url, base);
  if (url.pathname.startsWith('/_control/')) {
    const text = await read(request);
    const input = text ? JSON.parse(text) : {};
    return answer(response, 200, await control(store, url.pathname.slice(10), input));
  }
  if (url.pathname.startsWith('/pay/')) return pay(request, response, url.pathname.slice(5));
  return api(request, response, url, base);
}

const server = http.createServer((request, response) => {
  serve(request, response).catch((error) => {
    if (error instanceof Refusal) return answer(response, error.status, error.body);
    return answer(response, 500, { error: { type: 'api_error', message: String(error?.stack ?? error) } });
  });
});

// Sessions end when their time has come, whenever somebody looks.
setInterval(() => {
  for (const session of store.all('checkout.session', (one) => one.status === 'open')) {
    if (session.expires_at <= store.now()) expireSession(store, session);
  }
}, 200).unref();

const argument = (name) => process.argv.find((text) => text.startsWith(`--${name}=`))?.split('=')[1];
store.config.webhook_url = argument('webhook-url')
  ? process.argv.find((text) => text.startsWith('--webhook-url=')).slice('--webhook-url='.length)
  : null;
store.config.webhook_secret = argument('webhook-secret') ?? store.config.webhook_secret;
server.listen(Number(argument('port') ?? 0), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
});
// Whoever started it holds its input open; when that ends, so does this.
if (process.argv.includes('--with-parent')) {
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
}
