// Stripe's forms: `a[b][0][c]=1` and `expand[]=x`, as nested values.

/** Reads a form body or a query into nested objects and lists. */
export function parseForm(text) {
  const root = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = [...name.matchAll(/([^[\]]+)|\[([^[\]]*)\]/g)].map((m) => m[1] ?? m[2]);
    let at = root;
    path.forEach((key, n) => {
      const last = n === path.length - 1;
      const place = key === '' ? Object.keys(at).length : key;
      if (last) at[place] = value;
      else at = at[place] ??= {};
    });
  }
  return listed(root);
}

/** Objects whose keys are 0, 1, 2 … are lists. */
function listed(value) {
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  const inner = Object.fromEntries(keys.map((key) => [key, listed(value[key])]));
  const isList = keys.length > 0 && keys.every((key, n) => key === String(n));
  return isList ? Object.values(inner) : inner;
}

/** A refusal as Stripe words it. */
export class Refusal extends Error {
  constructor(status, type, message, more = {}) {
    super(message);
    this.status = status;
    this.body = { error: { type, message, ...more } };
  }
}

export const invalid = (message, more) =>
  new Refusal(400, 'invalid_request_error', message, more);

export const missing = (what, id) =>
  new Refusal(404, 'invalid_request_error', `No such ${what}: '${id}'`, {
    code: 'resource_missing',
    param: 'id',
  });

/** A whole number out of a form. */
export function integer(value, param) {
  if (!/^-?\d+$/.test(value ?? '')) throw invalid(`Invalid integer: ${value}`, { param });
  return Number(value);
}
