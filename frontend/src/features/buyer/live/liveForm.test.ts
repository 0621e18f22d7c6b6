import { describe, expect, it } from 'vitest';
import {
  type Connection,
  emptyLive,
  type LiveForm,
  liveForm,
  liveInput,
  livePath,
  liveProblems,
} from './liveForm';

const connection: Connection = {
  askUrl: 'https://crm.example.com/ask',
  postUrl: 'https://crm.example.com/post',
  statusUrl: null,
  onSilence: 'SOLD',
  askTimeoutMs: 800,
  postTimeoutMs: 2500,
  concurrency: 4,
  minBid: { minor: '12050', currency: 'RUB' },
  mapping: {
    accept: { pointer: '/result', regex: null },
    acceptWords: ['ok', 'yes'],
    price: { pointer: null, regex: 'price=(\\d+)' },
    priceUnit: 'MINOR',
    reason: null,
    redirect: null,
  },
};

describe('the connection of a live offer', () => {
  it('comes out of the form as it went in', () => {
    const form = liveForm(connection);
    expect(liveProblems(form, 'RUB')).toEqual({});
    expect(liveInput(form, 'ofr_1', 'RUB')).toEqual({
      offerId: 'ofr_1',
      askUrl: 'https://crm.example.com/ask',
      postUrl: 'https://crm.example.com/post',
      statusUrl: null,
      onSilence: 'SOLD',
      askTimeoutMs: 800,
      postTimeoutMs: 2500,
      concurrency: 4,
      minBid: { minor: '12050', currency: 'RUB' },
      mapping: {
        accept: { pointer: '/result' },
        acceptWords: ['ok', 'yes'],
        price: { regex: 'price=(\\d+)' },
        priceUnit: 'MINOR',
        reason: null,
        redirect: null,
      },
      rotateSecret: false,
    });
  });

  it('without a place of the yes has no words for it', () => {
    const form = liveForm({ ...connection, mapping: { ...connection.mapping, accept: null } });
    form.acceptWords = [];
    expect(liveProblems(form, 'RUB')).toEqual({});
    const { mapping } = liveInput(form, 'ofr_1', 'RUB');
    expect([mapping.accept, mapping.acceptWords]).toEqual([null, null]);
  });

  it('begins as the protocol says, and needs two addresses', () => {
    expect(liveProblems(emptyLive(), 'RUB')).toEqual({ askUrl: 'url', postUrl: 'url' });
  });

  it.each<[string, string, (form: LiveForm) => void]>([
    ['statusUrl', 'url', (f) => (f.statusUrl = 'crm.example.com')],
    ['askTimeoutMs', 'whole', (f) => (f.askTimeoutMs = 49)],
    ['postTimeoutMs', 'whole', (f) => (f.postTimeoutMs = '')],
    ['concurrency', 'whole', (f) => (f.concurrency = 1.5)],
    ['minBid', 'amount', (f) => (f.minBid = 'much')],
    ['accept.text', 'pointer', (f) => (f.accept = { by: 'POINTER', text: 'result' })],
    ['price.text', 'group', (f) => (f.price = { by: 'REGEX', text: '\\d+' })],
    ['reason.text', 'text', (f) => (f.reason = { by: 'REGEX', text: '' })],
    ['acceptWords', 'words', (f) => (f.acceptWords = [])],
  ])('at %s: %s', (path, problem, spoil) => {
    const form = liveForm(connection);
    spoil(form);
    expect(liveProblems(form, 'RUB')).toEqual({ [path]: problem });
  });

  it('shows refusals of the server at their fields', () => {
    expect(livePath('input.askUrl')).toBe('askUrl');
    expect(livePath('mapping.price')).toBe('price.text');
    expect(livePath('mapping.accept.words')).toBe('acceptWords');
    expect(livePath('minBid')).toBe('minBid');
    expect(livePath('offerId')).toBeNull();
    expect(livePath(null)).toBeNull();
  });
});
