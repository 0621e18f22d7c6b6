// Starts the programs of these tests and ends them, and says what to do where one is missing.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const REMEDY = "run scripts/prepare test (it needs the npm registry and PyPI)";

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((found) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/** Waits until `look` gives something true; fails with `what` when it does not in time. */
export async function until(look, what, seconds = 20) {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not in ${seconds} s: ${what}`);
    await new Promise((wait) => setTimeout(wait, 100));
  }
}

/** A program whose words are kept: `words()`, `stop()`. */
export function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
  // A test that fails before it stops its programs leaves none behind.
  process.once("exit", () => child.kill("SIGKILL"));
  let words = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => (words = (words + text).slice(-20_000)));
  }
  const ended = new Promise((done) => {
    child.once("error", (error) => done((words += String(error))));
    child.once("exit", done);
  });
  let over = false;
  void ended.then(() => (over = true));
  const stop = async () => {
    child.stdin.end();
    child.kill();
    await ended;
  };
  /** Waits for a sign of life, or fails with the program's words. */
  const alive = (look, name) =>
    until(
      async () => {
        if (over) throw new Error(`${name} did not start:\n${words}`);
        return look();
      },
      `${name} to start. It said:\n${words}`,
      60,
    );
  return { words: () => words, stop, alive };
}

/** Whether somebody answers there. */
export const answers = (url) =>
  fetch(url).then(
    () => true,
    () => false,
  );

/** localstripe, in a process of its own. */
export async function startLocalstripe() {
  const python = process.env.LB_TEST_LOCALSTRIPE ?? "";
  if (!existsSync(python)) throw new Error(`localstripe is not installed: ${REMEDY}`);
  const program = run(python, [here("localstripe_server.py")]);
  const port = await program.alive(() => /"port": (\d+)/.exec(program.words())?.[1], "localstripe");
  return { url: `http://127.0.0.1:${port}`, stop: program.stop };
}

/** A Node that emulate can live with: this one if it is young enough, else the package's. */
function node22() {
  if (Number(process.versions.node.split(".")[0]) >= 22) return process.execPath;
  const brought = here(`node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(brought)) return brought;
  throw new Error(`emulate wants Node 22: ${REMEDY}, or install Node 22 or newer yourself`);
}

/** emulate's Stripe, in a process of its own, telling `webhook` what happens. */
export async function startEmulate({ webhook, secret }) {
  const script = here("node_modules/emulate/dist/index.js");
  if (!existsSync(script)) throw new Error(`emulate is not installed: ${REMEDY}`);
  const dir = mkdtempSync(join(tmpdir(), "leadbourse-emulate."));
  const seed = join(dir, "seed.json");
  const webhooks = [{ url: webhook, events: ["*"], secret }];
  writeFileSync(seed, JSON.stringify({ stripe: { webhooks } }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = run(node22(), [
    script,
    "start",
    "--service",
    "stripe",
    "--port",
    String(port),
    "--base-url",
    url,
    "--seed",
    seed,
  ]);
  const stop = async () => {
    await program.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  await program.alive(() => answers(`${url}/v1/customers`), "emulate");
  return { url, stop };
}
