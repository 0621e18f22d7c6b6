// An exchange whose card provider is a public stand-in behind the pass-through.
import assert from "node:assert/strict";
import { startExchange } from "./exchange.mjs";
import { startPass } from "./pass.mjs";
import { until } from "./start.mjs";

const SECRET = "whsec_standin";
export const EUR = (minor) => ({ minor: String(minor), currency: "EUR" });

const TOP_UP = `id state error holdReason url card { id brand last4 expMonth expYear }
  cameIn { minor currency } refunded { minor } refundable { minor }`;
const REFUND = "id state error amount { minor }";

/** `start({webhook, secret})` starts the stand-in. */
export async function openStage({ dialect, start }) {
  const pass = await startPass({ dialect, secret: SECRET });
  const stops = [pass.stop];
  const stop = async () => {
    for (const one of stops.reverse()) await one();
  };
  try {
    const standin = await start({ webhook: `${pass.url}/_webhook`, secret: SECRET });
    stops.push(standin.stop);
    pass.upstream = standin.url;
    const exchange = await startExchange({ apiBase: pass.url, webhookSecret: SECRET });
    stops.push(exchange.stop);
    pass.forward = `${exchange.url}/v1/stripe/webhook`;
    return stage(pass, standin, exchange, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

function stage(pass, standin, exchange, stop) {
  const { buyer, operator, pay } = exchange;
  const topUp = async (id) => {
    const query = `query($id: ID!) { cardTopUp(id: $id) { ${TOP_UP} } }`;
    return (await buyer.ask(query, { id })).cardTopUp;
  };
  return {
    pass,
    standin,
    exchange,
    stop,
    topUp,
    checkout: async (minor, saveCard) => {
      const input = { amount: EUR(minor), saveCard };
      const made = await pay(buyer, "createCheckout", input, "cardTopUp", TOP_UP);
      assert.ok(made.id, `createCheckout was refused: ${made.code}`);
      return made;
    },
    charge: (minor, cardId) =>
      pay(buyer, "chargeSavedCard", { amount: EUR(minor), cardId }, "cardTopUp", TOP_UP),
    refund: (cardTopUpId, minor) =>
      pay(buyer, "refundCredit", { cardTopUpId, amount: EUR(minor) }, "creditRefund", REFUND),
    resolve: (cardTopUpId) =>
      pay(operator, "resolveHeldTopUp", { cardTopUpId, credit: true }, "cardTopUp", TOP_UP),
    cards: async () => (await buyer.ask("{ savedCards { id brand last4 } }")).savedCards,
    /** Waits for a top-up to be so, and gives it. */
    becomes: (id, state) =>
      until(
        async () => {
          const now = await topUp(id);
          return now.state === state && now;
        },
        `${id} to become ${state}`,
        20,
      ),
    /** Waits for a webhook about something, which our program has taken; gives it. */
    told: async (type, about) => {
      const found = await until(
        () => pass.told.find((one) => one.type === type && one.about === about && one.status),
        `${type} of ${about}`,
      );
      assert.equal(found.status, 200, `${type}: our program did not take what the stand-in signed`);
      return found;
    },
    /** What the exchange sent to a path. */
    sent: (method, path) => pass.log.filter((one) => one.method === method && one.path === path),
    /** Waits until nothing that was told waits for a worker. */
    settled: () =>
      until(async () => {
        const query = "{ providerEvents(state: RECEIVED, first: 1) { nodes { id } } }";
        return (await operator.ask(query)).providerEvents.nodes.length === 0;
      }, "what was told to be looked at"),
    /** Every balance that is not zero, by account; the buyer's name is left out. */
    books: async () => {
      const query = `{ ledgerAccounts(first: 100) { nodes { code balance { minor } } } }`;
      const { nodes } = (await operator.ask(query)).ledgerAccounts;
      const named = nodes
        .filter(({ balance }) => balance.minor !== "0")
        .map(({ code, balance }) => [code.replace(`:${buyer.organization}`, ""), balance.minor]);
      return Object.fromEntries(named.sort());
    },
    /** The wallet, in minor units: free, owed. */
    wallet: async () => {
      const query = "{ wallets { currency available { minor } owed { minor } } }";
      const { wallets } = await buyer.ask(query);
      return wallets.map((one) => [one.currency, one.available.minor, one.owed.minor]);
    },
    /** The pass-through has changed nothing, and the ledger explains itself. */
    sound: () => {
      assert.equal(pass.fault, undefined, String(pass.fault?.stack));
      assert.deepEqual(JSON.parse(exchange.verify()), { clean: true, differences: 0 });
    },
  };
}
