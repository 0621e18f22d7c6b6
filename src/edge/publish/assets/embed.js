// Puts a hosted form of the exchange on any page:
//
//   <script src="https://exchange.example/embed.js" data-source="src_…" data-mode="inline"></script>
//
// The form lives in a frame of the exchange's own origin, so that this page cannot read what is
// typed. No cookies, no storage. Docs: docs/PUBLISHERS.md.
(() => {
  'use strict';
  const script = document.currentScript;
  const { source, mode = 'inline', lang, label, width } = script.dataset;
  const exchange = new URL(script.src).origin;
  if (!/^src_[0-9a-z]+$/.test(source ?? '')) {
    console.error('leadbourse: data-source is missing or wrong');
    return;
  }
  const number = (text) => {
    const value = Number.parseFloat(text ?? '');
    return Number.isFinite(value) && value >= 0 ? value : null;
  };
  const language = lang ?? document.documentElement.lang ?? '';
  const russian = language.toLowerCase().startsWith('ru');

  /** A frame with the form; `onDone` hears when it was sent. */
  function frame(onDone) {
    const made = document.createElement('iframe');
    const asked = new URLSearchParams({ embed: '1', mode });
    if (language !== '') asked.set('lang', language);
    if (script.dataset.test !== undefined) asked.set('test', '1');
    made.src = `${exchange}/f/${source}?${asked}`;
    made.title = label ?? (russian ? 'Форма заявки' : 'Request form');
    made.setAttribute('referrerpolicy', 'no-referrer');
    made.style.cssText = 'display:block;width:100%;border:0;height:420px;background:transparent';
    window.addEventListener('message', (event) => {
      // Only this frame, and only while it shows the exchange.
      if (event.origin !== exchange || event.source !== made.contentWindow) return;
      const message = event.data;
      if (message === null || typeof message !== 'object' || message.leadbourse !== 1) return;
      if (message.type === 'ready') {
        const subs = Array.from({ length: 10 }, (_, n) => script.dataset[`sub${n + 1}`] ?? '');
        const page = location.origin + location.pathname;
        const hello = { leadbourse: 1, type: 'hello', page, subs, click: script.dataset.click };
        made.contentWindow.postMessage(hello, exchange);
      } else if (message.type === 'height' && Number.isFinite(message.height)) {
        made.style.height = `${Math.min(Math.max(message.height, 40), 10000)}px`;
      } else if (message.type === 'done') {
        finished(message);
        onDone?.();
      }
    });
    return made;
  }

  function finished({ lead, redirect }) {
    const detail = { source, lead: typeof lead === 'string' ? lead : null };
    script.dispatchEvent(new CustomEvent('leadbourse:done', { detail, bubbles: true }));
    if (typeof redirect === 'string' && redirect.startsWith('https://')) {
      setTimeout(() => location.assign(redirect), 1500);
    }
  }

  const STYLE = `
    .veil { position: fixed; inset: 0; z-index: 2147483646; display: flex; align-items: center;
      justify-content: center; padding: 16px; background: rgba(16, 42, 67, 0.55); }
    .box { position: relative; width: min(100%, 560px); max-height: 100%; overflow: auto;
      background: #fff; border-radius: 10px; box-shadow: 0 10px 40px rgba(0, 0, 0, 0.3);
      padding: 40px 8px 8px; }
    button { font: 600 16px/1 system-ui, sans-serif; cursor: pointer; border: 0; }
    button:focus-visible { outline: 3px solid #2b6cb0; outline-offset: 2px; }
    .close { position: absolute; top: 8px; right: 8px; width: 32px; height: 32px; border-radius: 16px;
      background: #e4e7eb; color: #1f2933; }
    .call { position: fixed; right: 20px; bottom: 20px; z-index: 2147483645; padding: 16px 22px;
      border-radius: 28px; background: #1a5fa8; color: #fff; box-shadow: 0 4px 16px rgba(0, 0, 0, 0.3); }`;

  /** A corner of the page that its styles do not reach. */
  function corner() {
    const host = document.createElement('div');
    host.dataset.leadbourse = source;
    const root = host.attachShadow({ mode: 'open' });
    // A constructed sheet: the page's own content policy has no say in it.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    document.body.append(host);
    return root;
  }

  /** Opens the form over the page; `again` gives the focus back. */
  function popup(root, again) {
    if (root.querySelector('.veil') !== null) return;
    const veil = document.createElement('div');
    veil.className = 'veil';
    const box = document.createElement('div');
    box.className = 'box';
    box.setAttribute('role', 'dialog');
    box.setAttribute('aria-modal', 'true');
    box.setAttribute('aria-label', label ?? (russian ? 'Форма заявки' : 'Request form'));
    const close = document.createElement('button');
    close.type = 'button';
    close.className = 'close';
    close.textContent = '×';
    close.setAttribute('aria-label', russian ? 'Закрыть' : 'Close');
    const key = (event) => {
      if (event.key === 'Escape') shut();
    };
    const shut = () => {
      document.removeEventListener('keydown', key);
      veil.remove();
      again?.focus();
    };
    close.addEventListener('click', shut);
    veil.addEventListener('click', (event) => {
      if (event.target === veil) shut();
    });
    document.addEventListener('keydown', key);
    if (number(width) !== null) box.style.width = `min(100%, ${number(width)}px)`;
    box.append(close, frame());
    veil.append(box);
    root.append(veil);
    close.focus();
  }

  /** Calls `act` once: after some seconds, some scrolling (percent), or when the pointer leaves. */
  function once(act) {
    const { delay, scroll, exit } = script.dataset;
    const waits = number(delay);
    const depth = number(scroll);
    const undo = [];
    let open = false;
    const fire = () => {
      if (open) return;
      open = true;
      undo.forEach((stop) => stop());
      act();
    };
    const listen = (target, kind, handler) => {
      target.addEventListener(kind, handler, { passive: true });
      undo.push(() => target.removeEventListener(kind, handler));
    };
    if (depth !== null) {
      const look = () => {
        const page = document.documentElement;
        const room = page.scrollHeight - page.clientHeight;
        if (room <= 0 || (page.scrollTop / room) * 100 >= depth) fire();
      };
      listen(window, 'scroll', look);
    }
    if (exit !== undefined) {
      listen(document.documentElement, 'mouseleave', (event) => {
        if (event.clientY <= 0) fire();
      });
    }
    if (waits !== null || (depth === null && exit === undefined)) {
      const timer = setTimeout(fire, (waits ?? 0) * 1000);
      undo.push(() => clearTimeout(timer));
    }
  }

  function start() {
    if (mode === 'popup') {
      const root = corner();
      once(() => popup(root));
    } else if (mode === 'callback') {
      const root = corner();
      const call = document.createElement('button');
      call.type = 'button';
      call.className = 'call';
      call.textContent = label ?? (russian ? 'Перезвоните мне' : 'Call me back');
      call.addEventListener('click', () => popup(root, call));
      root.append(call);
    } else {
      const made = frame();
      if (number(width) !== null) made.style.maxWidth = `${number(width)}px`;
      script.after(made);
    }
  }

  if (document.readyState === 'loading' && mode !== 'inline') {
    document.addEventListener('DOMContentLoaded', start);
  } else {
    start();
  }
})();
