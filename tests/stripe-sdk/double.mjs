// The stand-in for Stripe as a process of its own, Stripe's SDK pointed at it, and a receiver of
// what it tells.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(new URL("../stripe-double/server.mjs", import.meta.url));

/** Stripe's SDK; where it is missing, says what to do. */
export const { default: Stripe } = await import("stripe").catch((error) => {
  throw new Error("Stripe's SDK is not installed: run scripts/prepare test", { cause: error });
});

/** Starts the double; it ends with `stop()`, or with this process. */
export async function startDouble() {
  const child = spawn(process.execPath, [SERVER, "--with-parent"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await Promise.race([
    createInterface({ input: child.stdout })
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => [value]),
    new Promise((_, fail) =>
      child.once("exit", (code) => fail(new Error(`the double ended with ${code}`))),
    ),
  ]);
  const { port } = JSON.parse(line);
  const url = `http://127.0.0.1:${port}`;
  /** Tells the double to do something that is not Stripe's to do. */
  const tell = async (command, input = {}) => {
    const answer = await fetch(`${url}/_control/${command}`, {
      method: "POST",
      body: JSON.stringify(input),
    });
    const body = await answer.json();
    assert.equal(answer.status, 200, `${command}: ${JSON.stringify(body)}`);
    return body;
  };
  /** The SDK, which never tries again by itself unless told so. */
  const sdk = (options = {}, key = "sk_test_sdk") =>
    new Stripe(key, {
      host: "127.0.0.1",
      port,
      protocol: "http",
      maxNetworkRetries: 0,
      telemetry: false,
      timeout: 5_000,
      ...options,
    });
  return { url, tell, sdk, stop: () => child.kill() };
}

/** A receiver of webhooks, which keeps raw bodies and signatures. */
export async function startReceiver() {
  const got = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    got.push({ signature: request.headers["stripe-signature"], raw: Buffer.concat(parts) });
    response.end("{}");
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${server.address().port}/webhook`,
    got,
    stop: () => server.close(),
  };
}

/** Pays on the page of a session as a browser does; the answer, redirects not followed. */
export function payOnPage(url, card) {
  return fetch(url, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ card, expiry: "08 / 30", cvc: "123" }),
  });
}

/** The error that a request of the SDK ends with; fails where it does not. */
export async function refused(request, kind, what) {
  const error = await request.then(
    (answer) => assert.fail(`${what}: was not refused, but answered ${JSON.stringify(answer)}`),
    (reason) => reason,
  );
  assert.ok(
    error instanceof kind,
    `${what}: the SDK read ${error?.constructor?.name} (${error?.message}), not ${kind.name}`,
  );
  return error;
}
