// The hosted form with scripts: steps, and the talk with the page around the frame. Without
// scripts the same form is one long step.
(() => {
  'use strict';
  const form = document.querySelector('form');
  const done = document.getElementById('done');
  const embedded = window.parent !== window;

  // The origin of the page around the frame, once it has said hello.
  let around = null;
  const tell = (message) => {
    if (around !== null) window.parent.postMessage({ leadbourse: 1, ...message }, around);
  };
  const height = () => tell({ type: 'height', height: Math.ceil(document.body.scrollHeight) });

  function fill(name, value) {
    const input = form === null ? null : form.elements.namedItem(name);
    if (input !== null && typeof value === 'string' && value !== '' && input.value === '') {
      input.value = value.slice(0, name === 'page' ? 2048 : 255);
    }
  }

  function hello(message) {
    fill('page', message.page);
    fill('click_id', message.click);
    const subs = Array.isArray(message.subs) ? message.subs : [];
    subs.slice(0, 10).forEach((sub, n) => fill(`sub${n + 1}`, sub));
    height();
    if (done !== null) {
      const { lead = null, redirect = null } = done.dataset;
      tell({ type: 'done', lead, redirect });
    }
  }

  if (embedded) {
    window.addEventListener('message', (event) => {
      const message = event.data;
      if (event.source !== window.parent || message === null || typeof message !== 'object') return;
      if (message.leadbourse !== 1 || message.type !== 'hello' || event.origin === 'null') return;
      around = event.origin;
      hello(message);
    });
    new ResizeObserver(height).observe(document.body);
    // Whoever frames the page may know that it is ready: it says nothing else.
    window.parent.postMessage({ leadbourse: 1, type: 'ready' }, '*');
  }

  if (form === null) return;
  const steps = [...form.querySelectorAll('.step')];
  const { next, back, step: counter } = form.dataset;
  let shown = 0;

  const inputs = (step) => [...step.querySelectorAll('input, select, textarea')];
  const good = (step) => inputs(step).every((input) => input.reportValidity());

  function button(text, kind, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = kind;
    made.textContent = text;
    made.addEventListener('click', act);
    return made;
  }

  function show(number, focus) {
    shown = number;
    steps.forEach((step, n) => {
      step.hidden = n !== number;
    });
    form.querySelector('.count').textContent = counter
      .replace('{n}', String(number + 1))
      .replace('{all}', String(steps.length));
    if (focus) inputs(steps[number])[0]?.focus();
    height();
  }

  if (steps.length > 1) {
    const count = document.createElement('p');
    count.className = 'count';
    count.setAttribute('aria-live', 'polite');
    form.prepend(count);
    steps.forEach((step, n) => {
      let actions = step.querySelector('.actions');
      if (actions === null) {
        actions = document.createElement('p');
        actions.className = 'actions';
        step.append(actions);
        const forward = () => {
          if (good(step)) show(n + 1, true);
        };
        actions.append(button(next, 'next', forward));
      }
      if (n > 0) actions.prepend(button(back, 'back', () => show(n - 1, true)));
    });
    // The first step with a complaint of the server, else the first.
    const wrong = steps.findIndex((step) => step.querySelector('.error') !== null);
    show(Math.max(wrong, 0), false);
    form.addEventListener('keydown', (event) => {
      const line = event.target instanceof HTMLInputElement;
      if (event.key !== 'Enter' || !line || shown === steps.length - 1) return;
      event.preventDefault();
      if (good(steps[shown])) show(shown + 1, true);
    });
  }

  form.addEventListener('submit', () => {
    const send = form.querySelector('button[type="submit"]');
    // After the browser has taken the form's data.
    setTimeout(() => {
      send.disabled = true;
    }, 0);
  });
})();
