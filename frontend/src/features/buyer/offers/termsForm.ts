/**
 * The offer form: what people type, how it becomes `OfferTermsInput`, and the rules that the
 * server would apply anyway, so that mistakes show before anything is sent. Problems are
 * translation keys by form path.
 */

import { decode, encode, problems, type FieldSpec, type Node } from '../../market/conditions';
import { formatMinute, parseMoney } from '../../../lib/format';
import { textToMinute, UNIT_SECONDS } from '../../market/duration';
import { minorToText } from '../../market/money';
import {
  checkGoals,
  costAtAward,
  emptyGoals,
  type Goal,
  goalPath,
  type GoalsForm,
  goalsForm,
  goalsFrom,
  isPercent,
  priceProblem,
} from './goalsForm';

/** An amount as inputs of the API take it. */
export interface MoneyValue {
  minor: string;
  currency: string;
}

export type CapPeriod = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'TOTAL';
export type OverCap = 'NEXT' | 'QUARANTINE' | 'QUEUE';
export type Pacing = 'NONE' | 'EVEN';
export type OfferMode = 'INSTANT' | 'LIVE';
export type Visibility = 'PUBLIC' | 'BY_APPLICATION' | 'PRIVATE';
export const CAP_PERIODS: readonly CapPeriod[] = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'TOTAL'];
/** Which period a new cap gets: the first that is free. */
export const NEW_CAPS: readonly CapPeriod[] = ['DAY', 'WEEK', 'MONTH', 'TOTAL', 'HOUR'];

/** A cap as the API gives and takes it. */
interface Cap {
  period: CapPeriod;
  count?: number | null;
  money?: MoneyValue | null;
}

/** Terms as the API gives and takes them. */
export interface Terms {
  goals: Goal[];
  caps: Cap[];
  publisherCaps: Cap[];
  overCap: OverCap;
  pacing: Pacing;
  mode: OfferMode;
  schedule: {
    timeZone: string;
    windows: {
      days: number[];
      fromMinute: number;
      toMinute: number;
      count?: number | null;
      money?: MoneyValue | null;
    }[];
    holidays: string[];
  };
  conditions: unknown;
  minScore: number;
  maxSales: number;
  sharedPrices: { copies: number; price: MoneyValue }[];
  dedupeWindowS: number;
  returnWindowS: number;
  holdS: number;
  lockS: number;
  maxReturnShareBps: number;
  visibility: Visibility;
  priority: number;
  description: string;
}

type NumberText = number | string;

/** A cap as people type it. */
export interface CapForm {
  period: CapPeriod;
  count: NumberText;
  money: string;
}

export interface TermsForm extends GoalsForm {
  name: string;
  caps: CapForm[];
  publisherCaps: CapForm[];
  overCap: OverCap;
  pacing: Pacing;
  mode: OfferMode;
  timeZone: string;
  windows: { days: number[]; from: string; to: string; count: NumberText; money: string }[];
  holidays: string[];
  conditions: Node[];
  minScore: NumberText;
  maxSales: NumberText;
  sharedPrices: { copies: NumberText; price: string }[];
  dedupeWindowS: number;
  returnWindowS: number;
  holdS: number;
  lockS: number;
  maxReturnPercent: NumberText;
  visibility: Visibility;
  priority: NumberText;
  description: string;
}

/** What the chosen niche demands of terms. */
export interface NicheRules {
  currency: string;
  fields: readonly FieldSpec[];
  priceFloorMinor: string | null;
  /** The floor as people read it. */
  priceFloorText: string;
  maxReturnWindowS: number | null;
  /** How long a publisher has to answer a return and an operator to decide it, together. */
  disputeS: number;
}

/** A sensible start: an exclusive lead with three days to return it. */
export function emptyForm(timeZone: string): TermsForm {
  return {
    name: '',
    ...emptyGoals(),
    caps: [],
    publisherCaps: [],
    overCap: 'NEXT',
    pacing: 'NONE',
    mode: 'INSTANT',
    timeZone,
    windows: [],
    holidays: [],
    conditions: [],
    minScore: 0,
    maxSales: 1,
    sharedPrices: [],
    dedupeWindowS: 30 * UNIT_SECONDS.day,
    returnWindowS: 3 * UNIT_SECONDS.day,
    holdS: 7 * UNIT_SECONDS.day,
    lockS: 14 * UNIT_SECONDS.day,
    maxReturnPercent: 30,
    visibility: 'PUBLIC',
    priority: 0,
    description: '',
  };
}

export function formFromTerms(name: string, terms: Terms): TermsForm {
  const text = (money: MoneyValue) => minorToText(money.minor, money.currency);
  const capForm = (cap: Cap): CapForm => ({
    period: cap.period,
    count: cap.count ?? '',
    money: cap.money ? text(cap.money) : '',
  });
  return {
    name,
    ...goalsForm(terms.goals),
    caps: terms.caps.map(capForm),
    publisherCaps: terms.publisherCaps.map(capForm),
    overCap: terms.overCap,
    pacing: terms.pacing,
    mode: terms.mode,
    timeZone: terms.schedule.timeZone,
    windows: terms.schedule.windows.map((window) => ({
      days: [...window.days],
      from: formatMinute(window.fromMinute),
      to: formatMinute(window.toMinute),
      count: window.count ?? '',
      money: window.money ? text(window.money) : '',
    })),
    holidays: [...terms.schedule.holidays],
    conditions: decode(terms.conditions),
    minScore: terms.minScore,
    maxSales: terms.maxSales,
    sharedPrices: terms.sharedPrices.map((shared) => ({
      copies: shared.copies,
      price: text(shared.price),
    })),
    dedupeWindowS: terms.dedupeWindowS,
    returnWindowS: terms.returnWindowS,
    holdS: terms.holdS,
    lockS: terms.lockS,
    maxReturnPercent: terms.maxReturnShareBps / 100,
    visibility: terms.visibility,
    priority: terms.priority,
    description: terms.description,
  };
}

function toBps(percent: NumberText): number {
  return Math.round(Number(percent) * 100);
}

/** The form in the API's shape. Call [`checkForm`] first. */
export function termsFromForm(form: TermsForm, rules: NicheRules): Terms & { conditions: unknown } {
  const money = (text: string): MoneyValue => ({
    minor: parseMoney(text, rules.currency) ?? '0',
    currency: rules.currency,
  });
  const count = (value: NumberText) => (value === '' ? null : Number(value));
  const limit = (value: string) => (value.trim() === '' ? null : money(value));
  const capOf = (cap: CapForm): Cap => ({
    period: cap.period,
    count: count(cap.count),
    money: limit(cap.money),
  });
  return {
    goals: goalsFrom(form, rules.currency),
    caps: form.caps.map(capOf),
    publisherCaps: form.publisherCaps.map(capOf),
    overCap: form.overCap,
    pacing: form.pacing,
    mode: form.mode,
    schedule: {
      timeZone: form.timeZone,
      windows: form.windows.map((window) => ({
        days: [...window.days].sort((a, b) => a - b),
        fromMinute: textToMinute(window.from) ?? 0,
        toMinute: textToMinute(window.to) ?? 0,
        count: count(window.count),
        money: limit(window.money),
      })),
      holidays: [...form.holidays].sort(),
    },
    conditions: encode(form.conditions, rules.fields),
    minScore: Number(form.minScore),
    maxSales: Number(form.maxSales),
    sharedPrices: form.sharedPrices.map((shared) => ({
      copies: Number(shared.copies),
      price: money(shared.price),
    })),
    dedupeWindowS: form.dedupeWindowS,
    returnWindowS: form.returnWindowS,
    holdS: form.holdS,
    lockS: form.lockS,
    maxReturnShareBps: toBps(form.maxReturnPercent),
    visibility: form.visibility,
    priority: Number(form.priority),
    description: form.description.trim(),
  };
}

/** What the server allows whatever the niche says; it checks again. */
export const LIMITS = {
  maxSales: 10,
  priority: 100,
  dedupeS: 730 * UNIT_SECONDS.day,
  holdS: 180 * UNIT_SECONDS.day,
  lockS: 365 * UNIT_SECONDS.day,
  description: 4000,
} as const;

/** A translation key under `buyer.offerForm.problem`. */
export type FormProblem =
  | 'required'
  | 'goalRequired'
  | 'goalsMany'
  | 'share'
  | 'maxBelowMin'
  | 'callSeconds'
  | 'callsAtOnce'
  | 'amount'
  | 'positive'
  | 'priceFloor'
  | 'percent'
  | 'capTwice'
  | 'capEmpty'
  | 'wholePositive'
  | 'daysRequired'
  | 'time'
  | 'windowOrder'
  | 'date'
  | 'notNegative'
  | 'returnWindowMax'
  | 'holdOrder'
  | 'lockOrder'
  | 'lockTooSoon'
  | 'score'
  | 'priority'
  | 'maxSales'
  | 'attribution'
  | 'capTooSmall'
  | 'pacing'
  | 'live'
  | 'sharedCopies'
  | 'sharedPrice'
  | 'tooLong'
  | 'windowOverlap'
  | 'textTooLong'
  | 'conditions';

/** Problems by form path. */
export type FormProblems = Record<string, FormProblem>;

function isWhole(value: NumberText, min: number, max: number): boolean {
  const n = Number(value);
  return value !== '' && Number.isInteger(n) && n >= min && n <= max;
}

/** The two bounds of a cap or of a window. */
function checkBounds(
  path: string,
  bounds: { count: NumberText; money: string },
  cost: bigint,
  rules: NicheRules,
  found: FormProblems,
): void {
  if (bounds.count !== '' && !isWhole(bounds.count, 1, 1_000_000_000)) {
    found[`${path}.count`] = 'wholePositive';
  }
  if (bounds.money.trim() === '') return;
  const problem = priceProblem(bounds.money, rules, null);
  const minor = parseMoney(bounds.money, rules.currency);
  if (problem) found[`${path}.money`] = problem;
  else if (minor !== null && BigInt(minor) < cost) found[`${path}.money`] = 'capTooSmall';
}

function checkCaps(form: TermsForm, rules: NicheRules, found: FormProblems): void {
  const cost = costAtAward(form, rules.currency);
  for (const list of ['caps', 'publisherCaps'] as const) {
    const seen = new Set<CapPeriod>();
    form[list].forEach((cap, i) => {
      const path = `${list}.${String(i)}`;
      if (seen.has(cap.period)) found[`${path}.period`] = 'capTwice';
      seen.add(cap.period);
      if (cap.count === '' && cap.money.trim() === '') found[`${path}.count`] = 'capEmpty';
      checkBounds(path, cap, cost, rules, found);
    });
  }
  form.windows.forEach((window, i) => {
    checkBounds(`windows.${String(i)}`, window, cost, rules, found);
  });
  if (form.pacing === 'EVEN' && !form.caps.some((cap) => cap.period === 'DAY')) {
    found.pacing = 'pacing';
  }
}

/** Prices of shared copies: more copies from line to line, and never a higher price. */
function checkShared(form: TermsForm, rules: NicheRules, found: FormProblems): void {
  const minor = (text: string) => BigInt(parseMoney(text, rules.currency) ?? '0');
  let copies = 1;
  let price = form.lead.on ? minor(form.lead.price) : 0n;
  form.sharedPrices.forEach((shared, i) => {
    const path = `sharedPrices.${String(i)}`;
    if (!isWhole(shared.copies, copies + 1, Number(form.maxSales))) {
      found[`${path}.copies`] = 'sharedCopies';
    }
    const problem = priceProblem(shared.price, rules, rules.priceFloorMinor);
    if (problem) found[`${path}.price`] = problem;
    else if (minor(shared.price) > price) found[`${path}.price`] = 'sharedPrice';
    copies = Number(shared.copies);
    price = minor(shared.price);
  });
}

/** Whether an earlier window has one of these days and some of these minutes. */
function overlaps(
  earlier: TermsForm['windows'],
  days: readonly number[],
  from: number,
  to: number,
): boolean {
  return earlier.some((other) => {
    const start = textToMinute(other.from);
    const end = textToMinute(other.to);
    if (start === null || end === null) return false;
    return other.days.some((day) => days.includes(day)) && from < end && start < to;
  });
}

function checkSchedule(form: TermsForm, found: FormProblems): void {
  if (!form.timeZone) found.timeZone = 'required';
  form.windows.forEach((window, i) => {
    const path = `windows.${String(i)}`;
    if (window.days.length === 0) found[`${path}.days`] = 'daysRequired';
    const from = textToMinute(window.from);
    const to = textToMinute(window.to);
    if (from === null || from > 1439) found[`${path}.from`] = 'time';
    if (to === null) found[`${path}.to`] = 'time';
    else if (from !== null && to <= from) found[`${path}.to`] = 'windowOrder';
    else if (from !== null && overlaps(form.windows.slice(0, i), window.days, from, to)) {
      found[`${path}.days`] = 'windowOverlap';
    }
  });
  if (form.holidays.some((day) => !/^\d{4}-\d{2}-\d{2}$/.test(day))) found.holidays = 'date';
}

/**
 * The earliest lock that lets both sides be heard about a return of the last moment. Without a
 * return window nothing is returned.
 */
export function leastLock(returnWindowS: number, rules: NicheRules): number {
  return returnWindowS <= 0 ? 0 : returnWindowS + rules.disputeS;
}

function checkClocks(form: TermsForm, rules: NicheRules, found: FormProblems): void {
  if (form.returnWindowS < 0) found.returnWindowS = 'notNegative';
  else if (rules.maxReturnWindowS !== null && form.returnWindowS > rules.maxReturnWindowS) {
    found.returnWindowS = 'returnWindowMax';
  }
  if (form.holdS < form.returnWindowS) found.holdS = 'holdOrder';
  if (form.lockS < form.holdS) found.lockS = 'lockOrder';
  else if (form.lockS < leastLock(form.returnWindowS, rules)) found.lockS = 'lockTooSoon';
  if (form.dedupeWindowS < 0) found.dedupeWindowS = 'notNegative';
  if (form.holdS > LIMITS.holdS) found.holdS = 'tooLong';
  if (form.lockS > LIMITS.lockS) found.lockS = 'tooLong';
  if (form.dedupeWindowS > LIMITS.dedupeS) found.dedupeWindowS = 'tooLong';
}

/** Whether the buyer's server may be asked: core's `live/connection.rs`. */
function mayBeLive(form: TermsForm): boolean {
  return (
    form.lead.on && !form.call.on && Number(form.maxSales) === 1 && form.sharedPrices.length === 0
  );
}

/** Everything that is wrong with the form; empty when it may be sent. */
export function checkForm(form: TermsForm, rules: NicheRules): FormProblems {
  const found: FormProblems = {};
  if (form.name.trim() === '') found.name = 'required';
  checkGoals(form, rules, found);
  checkCaps(form, rules, found);
  checkShared(form, rules, found);
  if (form.mode === 'LIVE' && !mayBeLive(form)) found.mode = 'live';
  checkSchedule(form, found);
  checkClocks(form, rules, found);
  if (!isWhole(form.minScore, 0, 100)) found.minScore = 'score';
  if (!isWhole(form.maxSales, 1, LIMITS.maxSales)) found.maxSales = 'maxSales';
  if (!isPercent(form.maxReturnPercent)) found.maxReturnPercent = 'percent';
  if (!isWhole(form.priority, -LIMITS.priority, LIMITS.priority)) found.priority = 'priority';
  if (form.description.trim().length > LIMITS.description) found.description = 'textTooLong';
  if (Object.keys(problems(form.conditions, rules.fields)).length > 0) {
    found.conditions = 'conditions';
  }
  return found;
}

const SERVER_PATHS: readonly [RegExp, string][] = [
  [/^schedule\.timeZone$/, 'timeZone'],
  [/^schedule\.windows\.(\d+)\.fromMinute$/, 'windows.$1.from'],
  [/^schedule\.windows\.(\d+)\.toMinute$/, 'windows.$1.to'],
  [/^schedule\.windows\.(\d+)\.(count|money).*$/, 'windows.$1.$2'],
  [/^schedule\.windows\.(\d+).*$/, 'windows.$1.days'],
  [/^schedule\.windows$/, 'windows.0.days'],
  [/^schedule\.holidays.*$/, 'holidays'],
  [/^maxReturnShareBps$/, 'maxReturnPercent'],
  [/^conditions.*$/, 'conditions'],
  [/^(caps|publisherCaps)\.(\d+)$/, '$1.$2.count'],
  [/^(caps|publisherCaps)\.(\d+)\.(period|count|money).*$/, '$1.$2.$3'],
  [/^sharedPrices$/, 'lead.price'],
  [/^sharedPrices\.(\d+)\.(copies|price).*$/, 'sharedPrices.$1.$2'],
  [/^(pacing|overCap|mode)$/, '$1'],
  [/^visibility$/, 'visibility'],
];

function camel(part: string): string {
  return part.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Where in the form a server error belongs. The server names its own input's path
 * (`terms.goals[1].price`); null when no field of the form shows it.
 */
export function formPath(field: string | null | undefined, form: TermsForm): string | null {
  if (!field) return null;
  const path = field
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map(camel)
    .filter((part) => part !== 'input' && part !== 'terms')
    .join('.');
  const goal = goalPath(path, form);
  if (goal !== null) return goal;
  for (const [pattern, target] of SERVER_PATHS) {
    if (pattern.test(path)) return path.replace(pattern, target);
  }
  const plain = ['name', 'minScore', 'maxSales', 'dedupeWindowS', 'returnWindowS', 'holdS'];
  return [...plain, 'lockS', 'priority', 'description'].includes(path) ? path : null;
}
