// The page on which a session is paid: one form, no script.

const escape = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

const ZERO = new Set(['jpy', 'krw', 'vnd', 'xaf', 'xof', 'clp', 'mga', 'bif', 'djf', 'gnf', 'kmf', 'pyg', 'rwf', 'vuv', 'xpf']);
const THREE = new Set(['kwd', 'bhd', 'jod', 'omr', 'tnd']);

export function shown(amount, currency) {
  const digits = ZERO.has(currency) ? 0 : THREE.has(currency) ? 3 : 2;
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency.toUpperCase()}`;
}

export function page(session, failure) {
  const open = session.status === 'open';
  const form = `
    <form method="post">
      <label>Card number
        <input name="card" inputmode="numeric" autocomplete="cc-number" required
               value="4242 4242 4242 4242"></label>
      <label>Expiry <input name="expiry" value="08 / 30"></label>
      <label>CVC <input name="cvc" value="123"></label>
      <button type="submit">Pay ${escape(shown(session.amount_total, session.currency))}</button>
    </form>
    <p><a href="${escape(session.cancel_url ?? '#')}">Back</a></p>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>Checkout (double)</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem; }
  label { display: block; margin: .75rem 0; } input { display: block; width: 100%; font: inherit; padding: .5rem; box-sizing: border-box; }
  button { font: inherit; padding: .6rem 1rem; width: 100%; background: #1d4ed8; color: #fff; border: 0; border-radius: .4rem; }
  [role=alert] { color: #b91c1c; }
</style></head>
<body><main>
  <h1>Test checkout</h1>
  <p>No money moves here. Cards: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined.</p>
  ${failure ? `<p role="alert">${escape(failure.message)}</p>` : ''}
  ${open ? form : `<p>This session is ${escape(session.status)}.</p>`}
</main></body></html>`;
}
