/** Where and how a live offer's buyer is asked: the form, and what the API takes and gives. */
import { parseMoney } from '../../../lib/format';
import { minorToText } from '../../market/money';

/** Where a value is found in an answer; nothing: it is not looked for. */
export interface FindForm {
  by: 'NOTHING' | 'POINTER' | 'REGEX';
  text: string;
}

export const FINDS = ['accept', 'price', 'reason', 'redirect'] as const;
export type FindName = (typeof FINDS)[number];

type NumberText = number | string;

export interface LiveForm {
  askUrl: string;
  postUrl: string;
  statusUrl: string;
  onSilence: 'SOLD' | 'RELEASED';
  askTimeoutMs: NumberText;
  postTimeoutMs: NumberText;
  concurrency: NumberText;
  minBid: string;
  accept: FindForm;
  acceptWords: string[];
  price: FindForm;
  priceUnit: 'MAJOR' | 'MINOR';
  reason: FindForm;
  redirect: FindForm;
  rotateSecret: boolean;
}

interface Find {
  pointer?: string | null;
  regex?: string | null;
}

/** A connection as the API gives it. */
export interface Connection {
  askUrl: string;
  postUrl: string;
  statusUrl: string | null;
  onSilence: 'SOLD' | 'RELEASED';
  askTimeoutMs: number;
  postTimeoutMs: number;
  concurrency: number;
  minBid: { minor: string; currency: string };
  mapping: {
    accept: Find | null;
    acceptWords: string[];
    price: Find | null;
    priceUnit: 'MAJOR' | 'MINOR';
    reason: Find | null;
    redirect: Find | null;
  };
}

const pointer = (text: string): FindForm => ({ by: 'POINTER', text });

/** The protocol's own answers, and the exchange's own limits. */
export function emptyLive(): LiveForm {
  return {
    askUrl: '',
    postUrl: '',
    statusUrl: '',
    onSilence: 'RELEASED',
    askTimeoutMs: 1000,
    postTimeoutMs: 3000,
    concurrency: 16,
    minBid: '',
    accept: pointer('/accept'),
    acceptWords: ['true'],
    price: pointer('/price'),
    priceUnit: 'MAJOR',
    reason: pointer('/reason'),
    redirect: pointer('/redirect_url'),
    rotateSecret: false,
  };
}

function findForm(find: Find | null): FindForm {
  if (find?.pointer != null) return { by: 'POINTER', text: find.pointer };
  if (find?.regex != null) return { by: 'REGEX', text: find.regex };
  return { by: 'NOTHING', text: '' };
}

export function liveForm(connection: Connection): LiveForm {
  const { mapping, minBid } = connection;
  return {
    askUrl: connection.askUrl,
    postUrl: connection.postUrl,
    statusUrl: connection.statusUrl ?? '',
    onSilence: connection.onSilence,
    askTimeoutMs: connection.askTimeoutMs,
    postTimeoutMs: connection.postTimeoutMs,
    concurrency: connection.concurrency,
    minBid: minorToText(minBid.minor, minBid.currency),
    accept: findForm(mapping.accept),
    acceptWords: mapping.accept === null ? ['true'] : mapping.acceptWords,
    price: findForm(mapping.price),
    priceUnit: mapping.priceUnit,
    reason: findForm(mapping.reason),
    redirect: findForm(mapping.redirect),
    rotateSecret: false,
  };
}

function find({ by, text }: FindForm) {
  if (by === 'NOTHING') return null;
  return by === 'POINTER' ? { pointer: text.trim() } : { regex: text };
}

/** The form as the API takes it. Call [`liveProblems`] first. */
export function liveInput(form: LiveForm, offerId: string, currency: string) {
  const status = form.statusUrl.trim();
  const minor = parseMoney(form.minBid, currency);
  return {
    offerId,
    askUrl: form.askUrl.trim(),
    postUrl: form.postUrl.trim(),
    statusUrl: status === '' ? null : status,
    onSilence: form.onSilence,
    askTimeoutMs: Number(form.askTimeoutMs),
    postTimeoutMs: Number(form.postTimeoutMs),
    concurrency: Number(form.concurrency),
    minBid: minor === null ? null : { minor, currency },
    mapping: {
      accept: find(form.accept),
      acceptWords: form.accept.by === 'NOTHING' ? null : form.acceptWords,
      price: find(form.price),
      priceUnit: form.priceUnit,
      reason: find(form.reason),
      redirect: find(form.redirect),
    },
    rotateSecret: form.rotateSecret,
  };
}

/** A translation key under `buyer.live.problem`, by form path. */
export type LiveProblem = 'url' | 'whole' | 'amount' | 'text' | 'pointer' | 'group' | 'words';

const isUrl = (text: string) => /^https?:\/\/\S+$/.test(text.trim());

function isWhole(value: NumberText, least: number): boolean {
  return value !== '' && Number.isInteger(Number(value)) && Number(value) >= least;
}

function findProblem({ by, text }: FindForm): LiveProblem | null {
  if (by === 'NOTHING') return null;
  if (by === 'POINTER') return text.trim() === '' || text.trim().startsWith('/') ? null : 'pointer';
  if (text === '') return 'text';
  return text.includes('(') ? null : 'group';
}

/** What is wrong with the form; empty when it may be sent. */
export function liveProblems(form: LiveForm, currency: string): Record<string, LiveProblem> {
  const found: Record<string, LiveProblem> = {};
  if (!isUrl(form.askUrl)) found.askUrl = 'url';
  if (!isUrl(form.postUrl)) found.postUrl = 'url';
  if (form.statusUrl.trim() !== '' && !isUrl(form.statusUrl)) found.statusUrl = 'url';
  if (!isWhole(form.askTimeoutMs, 50)) found.askTimeoutMs = 'whole';
  if (!isWhole(form.postTimeoutMs, 50)) found.postTimeoutMs = 'whole';
  if (!isWhole(form.concurrency, 1)) found.concurrency = 'whole';
  if (form.minBid.trim() !== '' && parseMoney(form.minBid, currency) === null) {
    found.minBid = 'amount';
  }
  for (const name of FINDS) {
    const problem = findProblem(form[name]);
    if (problem !== null) found[`${name}.text`] = problem;
  }
  if (form.accept.by !== 'NOTHING' && form.acceptWords.length === 0) found.acceptWords = 'words';
  return found;
}

/** Where in the form a refusal of the server belongs; null when no field shows it. */
export function livePath(field: string | null | undefined): string | null {
  const path = (field ?? '').replace(/^input\./, '').replace(/^mapping\./, '');
  const [first = ''] = path.split(/[.[]/);
  const name = FINDS.find((each) => each === first);
  if (name !== undefined) return /[wW]ords/.test(path) ? 'acceptWords' : `${name}.text`;
  return Object.keys(emptyLive()).includes(first) ? first : null;
}
