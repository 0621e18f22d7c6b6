// What the double knows: objects by id, its clock, events and their way out.

import { createHmac, randomBytes } from 'node:crypto';
import * as shape from './objects.mjs';

export function newStore() {
  const store = {
    objects: new Map(),
    order: [],
    keys: new Map(),
    faults: [],
    events: [],
    pending: [],
    requests: [],
    config: { webhook_url: null, webhook_secret: 'whsec_double', auto: true, now: null },
    serial: 0,
  };

  store.now = () => store.config.now ?? Math.floor(Date.now() / 1000);
  store.id = (prefix) =>
    `${prefix}_${(++store.serial).toString(36).padStart(6, '0')}${randomBytes(9).toString('hex')}`;

  store.put = (object) => {
    if (!store.objects.has(object.id)) store.order.push(object.id);
    store.objects.set(object.id, object);
    return object;
  };
  store.get = (id) => store.objects.get(id);
  /** All of one kind, newest first. */
  store.all = (kind, fits = () => true) =>
    store.order
      .map((id) => store.objects.get(id))
      .filter((object) => object.object === kind && fits(object))
      .reverse();

  /** Tells of a change: the object as it is at this moment. */
  store.tell = (type, object, previous) => {
    const event = shape.event(store, type, structuredClone(object), previous);
    store.put(event);
    store.events.push(event);
    store.pending.push(event);
    if (store.config.auto) void flush(store);
  };
  return store;
}

/** Sends what waits, each one again a few times when it is not taken. */
async function flush(store) {
  for (const event of store.pending.splice(0)) {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if ((await send(store, event)) === 200) break;
      await new Promise((done) => setTimeout(done, 50 * 2 ** attempt));
    }
  }
}

/** Signs and sends one event; gives the status, 0 where nobody answered. */
export async function send(store, event, { secret, offset = 0 } = {}) {
  const { webhook_url: url, webhook_secret: own } = store.config;
  if (!url) return 0;
  const body = JSON.stringify(event, null, 2);
  const at = store.now() + offset;
  const signature = createHmac('sha256', secret ?? own).update(`${at}.${body}`).digest('hex');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': `t=${at},v1=${signature}`,
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      },
      body,
    });
    await answer.text();
    return answer.status;
  } catch {
    return 0;
  }
}
