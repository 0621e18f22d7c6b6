// The line that the demo prints for people with a terminal: as printed, and more than once.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

test("the printed line sells a fresh person at every run", async () => {
  const log = await readFile(process.env.LB_TEST_SERVER_LOG, "utf8");
  const lines = log.split("\n").filter((line) => line.startsWith("curl "));
  assert.equal(lines.length, 1, log);
  const leads = new Set();
  for (let time = 0; time < 3; time += 1) {
    const { stdout } = await run("bash", ["-c", lines[0]]);
    const verdict = JSON.parse(stdout);
    assert.equal(verdict.verdict, "SOLD", stdout);
    leads.add(verdict.lead_id);
  }
  assert.equal(leads.size, 3);
});
