// What each public stand-in needs beyond absent fields: parameters that it does not know are kept
// and shown in its answers, and what it leaves out is done with its own requests.

/** localstripe refuses a request with a parameter that it does not know. */
const UNKNOWN_THERE = ["description", "setup_future_usage"];

export const localstripe = {
  async send(pass, { method, path, given, headers }) {
    if (!(method === "POST" && path === "/v1/payment_intents")) {
      return pass.ask(method, path, given, headers);
    }
    const asked = {};
    for (const name of UNKNOWN_THERE) {
      if (name in given) asked[name] = given[name];
      delete given[name];
    }
    const answer = await pass.ask(method, path, given, headers);
    if (answer.body?.id) pass.asked.set(answer.body.id, asked);
    return answer;
  },

  /** Names the card of a charge, and the payment of a decline. */
  async fill(pass, body) {
    const charge = body?.latest_charge;
    if (typeof charge?.payment_method === "string" && !charge.payment_method_details) {
      const { body: method } = await pass.ask(
        "GET",
        `/v1/payment_methods/${charge.payment_method}`,
      );
      charge.payment_method_details = { type: method.type, card: method.card };
    }
    const { error } = body ?? {};
    if (typeof error?.charge === "string" && !error.payment_intent) {
      const { body: failed } = await pass.ask("GET", `/v1/charges/${error.charge}`);
      const path = `/v1/payment_intents/${failed.payment_intent}`;
      error.payment_intent = (await pass.ask("GET", path)).body;
    }
  },
};

/** emulate's Checkout wants prices that it knows; no payment follows from a page that was paid. */
export const emulate = {
  async send(pass, { method, path, given, headers }) {
    const isNew = (what) => method === "POST" && path === `/v1/${what}`;
    if (isNew("checkout/sessions")) {
      const wanted = structuredClone(given);
      for (const line of given.line_items ?? []) await priced(pass, line);
      const answer = await pass.ask(method, path, given, headers);
      if (answer.body?.id) pass.asked.set(answer.body.id, wanted);
      return answer;
    }
    if (isNew("payment_intents")) {
      const made = await pass.ask(method, path, given, headers);
      if (!made.body?.id) return made;
      pass.asked.set(made.body.id, given);
      // `confirm` is a request of its own there.
      if (given.confirm !== "true") return made;
      return pass.ask("POST", `/v1/payment_intents/${made.body.id}/confirm`, {});
    }
    return pass.ask(method, path, given, headers);
  },

  async fill(pass, body) {
    const session = body?.object === "event" ? body.data?.object : body;
    if (session?.object !== "checkout.session" || session.payment_intent !== undefined) return;
    if (session.payment_status === "paid") session.payment_intent = await paid(pass, session);
  },
};

/** Makes emulate know the price of a line. */
async function priced(pass, line) {
  const { currency, unit_amount, product_data } = line.price_data;
  const product = await pass.ask("POST", "/v1/products", product_data);
  const price = { product: product.body.id, currency, unit_amount };
  line.price = (await pass.ask("POST", "/v1/prices", price)).body.id;
  delete line.price_data;
}

/** The payment of a page that was paid, made and confirmed at emulate once. */
function paid(pass, session) {
  pass.payments ??= new Map();
  if (!pass.payments.has(session.id)) pass.payments.set(session.id, make(pass, session));
  return pass.payments.get(session.id);
}

async function make(pass, session) {
  const { line_items: lines, payment_intent_data: data, customer } = pass.asked.get(session.id);
  const [{ price_data: price, quantity }] = lines;
  const payment_method = `pm_${session.id.slice(3)}`;
  const wanted = {
    amount: Number(price.unit_amount) * Number(quantity),
    currency: price.currency,
    customer,
    payment_method,
    description: data.description,
    metadata: data.metadata,
  };
  const { body: made } = await pass.ask("POST", "/v1/payment_intents", wanted);
  pass.asked.set(made.id, { setup_future_usage: data.setup_future_usage });
  await pass.ask("POST", `/v1/payment_intents/${made.id}/confirm`, {});
  return made.id;
}
