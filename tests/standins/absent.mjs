// What public stand-ins leave out of Stripe's objects. The samples are the double's own shapes,
// which have every field that strict clients want; only fields that are absent are taken from them.
import * as shape from "../stripe-double/objects.mjs";

// A sample's own id and time are never seen: the stand-ins send theirs.
const nobody = { id: (prefix) => `${prefix}_absent`, now: () => 0 };

/** By kind: the whole sample, with what is known of this one. */
const SAMPLES = {
  customer: (one, asked) => shape.customer(nobody, { ...asked, ...one }),
  "checkout.session": (one, asked) => shape.session(nobody, asked, ""),
  payment_intent: (one, asked) => ({
    ...shape.paymentIntent(nobody, { ...asked, ...one }),
    amount_received: one.status === "succeeded" ? one.amount : 0,
  }),
  refund: (one) => ({
    ...shape.refund(nobody, { amount: one.amount, charge: one, transaction: null }),
    customer: null,
  }),
  balance_transaction: (one) => shape.balanceTransaction(nobody, one),
  event: (one) => shape.event(nobody, one.type, one.data?.object),
};

/** Adds what is absent, to this object and to all inside it; `asked(id)` is what was asked for it. */
export function complete(value, asked = () => ({})) {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) complete(inner, asked);
  const sample = SAMPLES[value.object]?.(value, asked(value.id) ?? {});
  for (const [name, one] of Object.entries(sample ?? {})) {
    if (!(name in value)) value[name] = one;
  }
  return value;
}

/** Where `after` lacks or changes something of `before`; undefined where it keeps everything. */
export function changed(before, after, at = "") {
  if (typeof before !== "object" || before === null) {
    return Object.is(before, after) ? undefined : at || "the whole";
  }
  if (typeof after !== "object" || after === null) return at || "the whole";
  if (Array.isArray(before) && before.length !== after.length) return `${at}.length`;
  for (const [name, one] of Object.entries(before)) {
    const found = changed(one, after[name], `${at}.${name}`);
    if (found) return found;
  }
  return undefined;
}
