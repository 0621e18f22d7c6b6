/**
 * What an offer pays for, as a form: one goal, or two different ones. A sale is paid by a sum or by
 * a share of it within bounds. The rules are those of core's `offer/validate.rs`.
 */
import { parseMoney } from '../../../lib/format';
import { UNIT_SECONDS } from '../../market/duration';
import { minorToText } from '../../market/money';
import type { FormProblems, MoneyValue, NicheRules } from './termsForm';

export type GoalKind = 'LEAD' | 'CALL' | 'SALE' | 'REGISTRATION';

/** A goal as the API takes it; what the API gives has a price beside a share: its least. */
export interface Goal {
  kind: GoalKind;
  price?: MoneyValue | null;
  percent?: { bps: number; min: MoneyValue; max: MoneyValue } | null;
  attributionWindowS?: number | null;
  reserveBps?: number | null;
  minCallSeconds?: number | null;
  repeatCallerWindowS?: number | null;
  /** 0: no limit. */
  callsAtOnce?: number | null;
  several?: boolean | null;
}

type NumberText = number | string;

/** What is reported after the award. */
interface Reported {
  attributionWindowS: number;
  reservePercent: NumberText;
}

export interface GoalsForm {
  lead: { on: boolean; price: string };
  call: {
    on: boolean;
    price: string;
    minCallSeconds: NumberText;
    repeatCallerWindowS: number;
    /** Empty: no limit. */
    callsAtOnce: NumberText;
  };
  sale: Reported & {
    on: boolean;
    pays: 'FIXED' | 'PERCENT';
    price: string;
    share: NumberText;
    min: string;
    max: string;
    several: boolean;
  };
  registration: Reported & { on: boolean; price: string };
}

/** The goals in the order in which they are sent. */
export const GOALS = [
  ['lead', 'LEAD'],
  ['call', 'CALL'],
  ['sale', 'SALE'],
  ['registration', 'REGISTRATION'],
] as const;
type GoalName = (typeof GOALS)[number][0];

/** The server's own bounds; it checks again. */
export const GOAL_LIMITS = {
  goals: 2,
  callS: UNIT_SECONDS.hour,
  callsAtOnce: 10_000,
  repeatS: 365 * UNIT_SECONDS.day,
  attributionMinS: UNIT_SECONDS.hour,
  attributionMaxS: 180 * UNIT_SECONDS.day,
} as const;

/** Pay per lead, and sensible beginnings of everything else. */
export function emptyGoals(): GoalsForm {
  const reported = { attributionWindowS: 30 * UNIT_SECONDS.day, reservePercent: 0 };
  return {
    lead: { on: true, price: '' },
    call: {
      on: false,
      price: '',
      minCallSeconds: 60,
      repeatCallerWindowS: 30 * UNIT_SECONDS.day,
      callsAtOnce: '',
    },
    sale: {
      on: false,
      pays: 'FIXED',
      price: '',
      share: 10,
      min: '',
      max: '',
      several: false,
      ...reported,
    },
    registration: { on: false, price: '', ...reported },
  };
}

const text = (money: MoneyValue | null | undefined) =>
  money ? minorToText(money.minor, money.currency) : '';

/** The form of the goals that an offer has. */
export function goalsForm(goals: readonly Goal[]): GoalsForm {
  const form = emptyGoals();
  const find = (kind: GoalKind) => goals.find((goal) => goal.kind === kind);
  const reported = (goal: Goal) => ({
    attributionWindowS: goal.attributionWindowS ?? 0,
    reservePercent: (goal.reserveBps ?? 0) / 100,
  });
  form.lead = { on: false, price: '' };
  const [lead, call, sale] = [find('LEAD'), find('CALL'), find('SALE')];
  const registration = find('REGISTRATION');
  if (lead) form.lead = { on: true, price: text(lead.price) };
  if (call) {
    form.call = {
      on: true,
      price: text(call.price),
      minCallSeconds: call.minCallSeconds ?? 0,
      repeatCallerWindowS: call.repeatCallerWindowS ?? 0,
      callsAtOnce: (call.callsAtOnce ?? 0) === 0 ? '' : Number(call.callsAtOnce),
    };
  }
  if (sale) {
    const percent = sale.percent ?? null;
    form.sale = {
      ...form.sale,
      on: true,
      several: sale.several ?? false,
      ...reported(sale),
      ...(percent === null
        ? { pays: 'FIXED', price: text(sale.price) }
        : {
            pays: 'PERCENT',
            share: percent.bps / 100,
            min: text(percent.min),
            max: text(percent.max),
          }),
    };
  }
  if (registration) {
    form.registration = { on: true, price: text(registration.price), ...reported(registration) };
  }
  return form;
}

function toBps(percent: NumberText): number {
  return Math.round(Number(percent) * 100);
}

/** The goals in the API's shape. */
export function goalsFrom(form: GoalsForm, currency: string): Goal[] {
  const money = (typed: string): MoneyValue => ({
    minor: parseMoney(typed, currency) ?? '0',
    currency,
  });
  const reported = (goal: Reported) => ({
    attributionWindowS: goal.attributionWindowS,
    reserveBps: toBps(goal.reservePercent),
  });
  const { lead, call, sale, registration } = form;
  const goals: Goal[] = [];
  if (lead.on) goals.push({ kind: 'LEAD', price: money(lead.price) });
  if (call.on) {
    goals.push({
      kind: 'CALL',
      price: money(call.price),
      minCallSeconds: Number(call.minCallSeconds),
      repeatCallerWindowS: call.repeatCallerWindowS,
      callsAtOnce: Number(call.callsAtOnce),
    });
  }
  if (sale.on) {
    goals.push({
      kind: 'SALE',
      ...(sale.pays === 'FIXED'
        ? { price: money(sale.price) }
        : { percent: { bps: toBps(sale.share), min: money(sale.min), max: money(sale.max) } }),
      ...reported(sale),
      several: sale.several,
    });
  }
  if (registration.on) {
    goals.push({
      kind: 'REGISTRATION',
      price: money(registration.price),
      ...reported(registration),
    });
  }
  return goals;
}

/** A price that is no amount, nothing, or below the floor. */
export function priceProblem(typed: string, rules: NicheRules, floor: string | null) {
  const minor = parseMoney(typed, rules.currency);
  if (minor === null) return 'amount' as const;
  if (BigInt(minor) <= 0n) return 'positive' as const;
  return floor !== null && BigInt(minor) < BigInt(floor) ? ('priceFloor' as const) : null;
}

export function isPercent(value: NumberText, least = 0): boolean {
  const n = Number(value);
  return value !== '' && Number.isFinite(n) && n >= least && n <= 100;
}

function checkReported(path: GoalName, goal: Reported, found: FormProblems): void {
  const { attributionMinS, attributionMaxS } = GOAL_LIMITS;
  if (goal.attributionWindowS < attributionMinS || goal.attributionWindowS > attributionMaxS) {
    found[`${path}.attributionWindowS`] = 'attribution';
  }
  if (!isPercent(goal.reservePercent)) found[`${path}.reservePercent`] = 'percent';
}

function checkSale(sale: GoalsForm['sale'], rules: NicheRules, found: FormProblems): void {
  const check = (path: string, typed: string) => {
    const problem = priceProblem(typed, rules, null);
    if (problem) found[path] = problem;
    return problem === null;
  };
  checkReported('sale', sale, found);
  if (sale.pays === 'FIXED') {
    check('sale.price', sale.price);
    return;
  }
  if (!isPercent(sale.share, 0.01)) found['sale.share'] = 'share';
  const least = check('sale.min', sale.min);
  const most = check('sale.max', sale.max);
  const minor = (typed: string) => BigInt(parseMoney(typed, rules.currency) ?? '0');
  if (least && most && minor(sale.max) < minor(sale.min)) found['sale.max'] = 'maxBelowMin';
}

/** What is wrong with the goals, by form path. */
export function checkGoals(form: GoalsForm, rules: NicheRules, found: FormProblems): void {
  const on = GOALS.filter(([name]) => form[name].on).length;
  if (on === 0) found.goals = 'goalRequired';
  if (on > GOAL_LIMITS.goals) found.goals = 'goalsMany';
  const { lead, call, registration } = form;
  const price = (path: GoalName, typed: string, floor: string | null) => {
    const problem = priceProblem(typed, rules, floor);
    if (problem) found[`${path}.price`] = problem;
  };
  if (lead.on) price('lead', lead.price, rules.priceFloorMinor);
  if (call.on) {
    price('call', call.price, null);
    const seconds = Number(call.minCallSeconds);
    const whole = call.minCallSeconds !== '' && Number.isInteger(seconds);
    if (!whole || seconds < 0 || seconds > GOAL_LIMITS.callS) {
      found['call.minCallSeconds'] = 'callSeconds';
    }
    if (call.repeatCallerWindowS < 0) found['call.repeatCallerWindowS'] = 'notNegative';
    if (call.repeatCallerWindowS > GOAL_LIMITS.repeatS) {
      found['call.repeatCallerWindowS'] = 'tooLong';
    }
    const atOnce = Number(call.callsAtOnce);
    if (!Number.isInteger(atOnce) || atOnce < 0 || atOnce > GOAL_LIMITS.callsAtOnce) {
      found['call.callsAtOnce'] = 'callsAtOnce';
    }
  }
  if (form.sale.on) checkSale(form.sale, rules, found);
  if (registration.on) {
    price('registration', registration.price, null);
    checkReported('registration', registration, found);
  }
}

/** A share of a sum, rounded half to even as the server rounds. */
function share(minor: bigint, bps: number): bigint {
  const product = minor * BigInt(bps);
  const [whole, rest] = [product / 10_000n, product % 10_000n];
  const up = rest > 5_000n || (rest === 5_000n && whole % 2n === 1n);
  return up ? whole + 1n : whole;
}

/**
 * What one award can cost at once, in minor units: the lead, the whole of a call, and what is
 * reserved of the highest price of everything that is reported later.
 */
export function costAtAward(form: GoalsForm, currency: string): bigint {
  const minor = (typed: string) => BigInt(parseMoney(typed, currency) ?? '0');
  const { lead, call, sale, registration } = form;
  const reserved = (goal: Reported, most: string) =>
    isPercent(goal.reservePercent) ? share(minor(most), toBps(goal.reservePercent)) : 0n;
  return (
    (lead.on ? minor(lead.price) : 0n) +
    (call.on ? minor(call.price) : 0n) +
    (sale.on ? reserved(sale, sale.pays === 'FIXED' ? sale.price : sale.max) : 0n) +
    (registration.on ? reserved(registration, registration.price) : 0n)
  );
}

/** Where in the form a refusal at `goals.<n>.<part>` belongs; null when it is not about goals. */
export function goalPath(path: string, form: GoalsForm): string | null {
  const match = /^goals(?:\.(\d+)(?:\.(\w+)(?:\.(\w+))?)?)?/.exec(path);
  if (match === null) return null;
  const sent = GOALS.filter(([name]) => form[name].on);
  const name = match[1] === undefined ? undefined : sent[Number(match[1])]?.[0];
  if (name === undefined) return 'goals';
  const part = match[2] === 'percent' ? (match[3] ?? 'bps') : (match[2] ?? 'price');
  const own: Record<string, string> = {
    bps: 'share',
    min: 'min',
    max: 'max',
    reserveBps: 'reservePercent',
    attributionWindowS: 'attributionWindowS',
    minCallSeconds: 'minCallSeconds',
    repeatCallerWindowS: 'repeatCallerWindowS',
    callsAtOnce: 'callsAtOnce',
    several: 'several',
  };
  const field = own[part] ?? 'price';
  return field in form[name] ? `${name}.${field}` : `${name}.price`;
}
