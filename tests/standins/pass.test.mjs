// The pass-through's own rules: it adds, and overwrites nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseForm } from "../stripe-double/form.mjs";
import { changed, complete } from "./absent.mjs";
import { form } from "./pass.mjs";

test("absent fields are added, those that are there are kept", () => {
  const bare = { id: "pi_1", object: "payment_intent", amount: 500, status: "succeeded" };
  const sent = { object: "list", data: [{ ...bare, metadata: null }] };
  const before = structuredClone(sent);
  const [payment] = complete(sent, (id) => ({ description: `of ${id}`, amount: "7" })).data;
  assert.deepEqual(
    [payment.amount, payment.amount_received, payment.description, payment.metadata],
    [500, 500, "of pi_1", null],
  );
  assert.equal(payment.setup_future_usage, null);
  assert.equal(changed(before, sent), undefined);
  const open = complete({ ...bare, status: "processing" });
  assert.equal(open.amount_received, 0);
  assert.deepEqual(complete({ object: "unheard_of", n: 1 }), { object: "unheard_of", n: 1 });
  assert.equal(complete("text"), "text");
});

test("whatever is changed is found", () => {
  const before = { a: { b: [1, { c: null }] } };
  for (const [after, place] of [
    [{ a: { b: [1, { c: 0 }] } }, ".a.b.1.c"],
    [{ a: { b: [1] } }, ".a.b.length"],
    [{ a: { b: [1, { c: null }, 2] } }, ".a.b.length"],
    [{ a: null }, ".a"],
    [{}, ".a"],
    ["text", "the whole"],
  ]) {
    assert.equal(changed(before, after), place);
  }
  assert.equal(changed(before, { a: { b: [1, { c: null, d: 1 }], e: 2 } }), undefined);
});

test("forms are written as they are read", () => {
  const values = { amount: "5", metadata: { a: "1" }, lines: [{ price: { unit: "7" } }, "x"] };
  assert.deepEqual(parseForm(form(values).toString()), values);
  assert.equal(form({ none: undefined, nil: null }).toString(), "");
});
