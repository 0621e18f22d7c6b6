import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage, i18n } from '../../i18n';
import { deliveryError, SENTENCES } from './deliveryErrors';

const t = i18n.t.bind(i18n);

describe('errors of deliveries', () => {
  beforeEach(() => chooseLanguage('ru'));

  it('are the sentences that the server writes', () => {
    const sources = ['platform/egress/mod', 'delivery/worker', 'delivery/handlers']
      .map((file) => readFileSync(`../src/${file}.rs`, 'utf8'))
      .join('\n');
    const gone = Object.keys(SENTENCES).filter((each) => !sources.includes(`"${each}`));
    expect(gone).toEqual([]);
  });

  it('cover every error of the door to the outside', () => {
    const source = readFileSync('../src/platform/egress/mod.rs', 'utf8');
    const kinds = /pub enum EgressError \{([\s\S]*?)^\}/m.exec(source)?.[1] ?? '';
    const said = [...kinds.matchAll(/#\[error\("([^"{]*?)(?:: \{0\})?"\)\]/g)].map(
      ([, text = '']) => text,
    );
    expect(said.length).toBeGreaterThan(3);
    expect(said.filter((text) => !(text in SENTENCES))).toEqual([]);
  });

  it('read as a sentence of the reader', () => {
    expect(deliveryError('no answer in time', t)).toBe('Ответ не пришёл вовремя.');
    expect(deliveryError('no connection: os error 111', t)).toBe(
      'Соединиться с адресом не удалось.',
    );
    expect(deliveryError('HTTP 503', t)).toBe('На стороне получателя сбой (503).');
    expect(deliveryError('HTTP 410', t)).toBe('Адрес отвечает, что его больше нет (410).');
    expect(deliveryError('HTTP 302', t)).toBe(
      'Адрес отсылает к другому; по перенаправлениям биржа не ходит (302).',
    );
    expect(deliveryError('HTTP 422', t)).toBe('Получатель не взял лид (422).');
  });

  it('that nobody knows stay as they are', () => {
    expect(deliveryError('no answer in timeless', t)).toBe('no answer in timeless');
  });
});
