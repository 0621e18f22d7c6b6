/**
 * The routing of a niche as a form: what people choose, how it becomes the `routing` of the
 * niche's policy, and the rules that the server would apply anyway. Problems are translation keys
 * by form path.
 */
import { asDict, oneOfList, STRATEGIES, type Strategy, wholeOf } from '../../market/policy';

export const TIE_BREAKS = ['BID', 'PRIORITY', 'LEAST_RECENT', 'OLDEST'] as const;
export type TieBreak = (typeof TIE_BREAKS)[number];

/** A group is no waterfall itself. */
export const GROUP_STRATEGIES = STRATEGIES.filter((each) => each !== 'WATERFALL');

type NumberText = number | string;

export interface GroupForm {
  number: NumberText;
  strategy: Strategy;
  tieBreaks: TieBreak[];
}

/** The place of one offer; empty texts are the defaults. */
export interface PlaceForm {
  offerId: string;
  group: string;
  weight: NumberText;
  priority: NumberText;
}

export interface RoutingForm {
  strategy: Strategy;
  tieBreaks: TieBreak[];
  groups: GroupForm[];
  offers: PlaceForm[];
}

/** The bounds of core's `routing_check.rs`; a test compares them. */
export const LIMITS = { groups: 20, places: 2_000, group: 999, weight: 10_000, priority: 100 };
/** What an offer weighs that the routing does not name. */
export const DEFAULT_WEIGHT = 100;

function tieBreaksOf(value: unknown): TieBreak[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each) => oneOfList(each, TIE_BREAKS) ?? []);
}

/** The routing that a policy holds; nothing said is an auction. */
export function formFromPolicy(policy: unknown): RoutingForm {
  const routing = asDict(asDict(policy).routing);
  const groups = Array.isArray(routing.groups) ? routing.groups : [];
  return {
    strategy: oneOfList(routing.strategy, STRATEGIES) ?? 'AUCTION',
    tieBreaks: tieBreaksOf(routing.tie_breaks),
    groups: groups.map((each) => {
      const group = asDict(each);
      return {
        number: wholeOf(group.number) ?? '',
        strategy: oneOfList(group.strategy, STRATEGIES) ?? 'AUCTION',
        tieBreaks: tieBreaksOf(group.tie_breaks),
      };
    }),
    offers: Object.entries(asDict(routing.offers)).map(([offerId, each]) => {
      const place = asDict(each);
      return {
        offerId,
        group: String(wholeOf(place.group) ?? ''),
        weight: wholeOf(place.weight) ?? '',
        priority: wholeOf(place.priority) ?? '',
      };
    }),
  };
}

/** Groups in the order in which the server wants and asks them. */
export function inOrder(groups: readonly GroupForm[]): GroupForm[] {
  return [...groups].sort((left, right) => Number(left.number) - Number(right.number));
}

function placeOf(place: PlaceForm, waterfall: boolean): Record<string, number> | null {
  const found: Record<string, number> = {};
  if (waterfall && place.group !== '') found.group = Number(place.group);
  if (place.weight !== '') found.weight = Number(place.weight);
  if (place.priority !== '') found.priority = Number(place.priority);
  return Object.keys(found).length === 0 ? null : found;
}

/** The policy with this routing; the rest of it stays as it was. Call `checkRouting` first. */
export function policyWith(policy: unknown, form: RoutingForm): Record<string, unknown> {
  const waterfall = form.strategy === 'WATERFALL';
  const offers = form.offers
    .map((place) => [place.offerId, placeOf(place, waterfall)] as const)
    .filter(([, place]) => place !== null)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    ...asDict(policy),
    routing: {
      strategy: form.strategy,
      tie_breaks: form.tieBreaks,
      groups: waterfall
        ? inOrder(form.groups).map((group) => ({
            number: Number(group.number),
            strategy: group.strategy,
            tie_breaks: group.tieBreaks,
          }))
        : [],
      offers: Object.fromEntries(offers),
    },
  };
}

/** Whether two forms route alike. */
export function sameRouting(left: RoutingForm, right: RoutingForm): boolean {
  const text = (form: RoutingForm) => JSON.stringify(policyWith({}, form));
  return text(left) === text(right);
}

/** A translation key under `operator.routing.problem`. */
export type RoutingProblem =
  | 'noGroups'
  | 'tooManyGroups'
  | 'tooManyPlaces'
  | 'groupNumber'
  | 'groupTwice'
  | 'groupGone'
  | 'weight'
  | 'priority';

function within(value: NumberText, least: number, most: number): boolean {
  const n = Number(value);
  return value !== '' && Number.isInteger(n) && n >= least && n <= most;
}

function checkGroups(form: RoutingForm, found: Record<string, RoutingProblem>): void {
  if (form.strategy !== 'WATERFALL') return;
  if (form.groups.length === 0) found.groups = 'noGroups';
  if (form.groups.length > LIMITS.groups) found.groups = 'tooManyGroups';
  const seen = new Set<number>();
  form.groups.forEach((group, i) => {
    const path = `groups.${String(i)}.number`;
    if (!within(group.number, 1, LIMITS.group)) found[path] = 'groupNumber';
    else if (seen.has(Number(group.number))) found[path] = 'groupTwice';
    seen.add(Number(group.number));
  });
}

/** Everything that is wrong with the form; empty when it may be sent. */
export function checkRouting(form: RoutingForm): Record<string, RoutingProblem> {
  const found: Record<string, RoutingProblem> = {};
  const waterfall = form.strategy === 'WATERFALL';
  checkGroups(form, found);
  const named = form.offers.filter((place) => placeOf(place, waterfall) !== null);
  if (named.length > LIMITS.places) found.offers = 'tooManyPlaces';
  const numbers = new Set(form.groups.map((group) => String(group.number)));
  form.offers.forEach((place, i) => {
    const path = `offers.${String(i)}`;
    if (waterfall && place.group !== '' && !numbers.has(place.group)) {
      found[`${path}.group`] = 'groupGone';
    }
    if (place.weight !== '' && !within(place.weight, 1, LIMITS.weight)) {
      found[`${path}.weight`] = 'weight';
    }
    if (place.priority !== '' && !within(place.priority, -LIMITS.priority, LIMITS.priority)) {
      found[`${path}.priority`] = 'priority';
    }
  });
  return found;
}

/**
 * Where in the form a refusal of the server belongs. It names `policy.routing.groups[0].number`,
 * by the order in which groups are sent; null when no field of the form shows it.
 */
export function routingPath(field: string | null | undefined, form: RoutingForm): string | null {
  const path = /^(?:input\.)?policy\.routing\.(.+)$/.exec(field ?? '')?.[1];
  if (path === undefined) return null;
  const group = /^groups\[(\d+)\]\.(number|strategy|tie_breaks)$/.exec(path);
  if (group !== null) {
    const sent = inOrder(form.groups)[Number(group[1])];
    const index = sent === undefined ? -1 : form.groups.indexOf(sent);
    const part = group[2] === 'tie_breaks' ? 'tieBreaks' : (group[2] ?? '');
    return index < 0 ? 'groups' : `groups.${String(index)}.${part}`;
  }
  const place = /^offers\.([a-z]{3}_[0-9a-z]+)\.(group|weight|priority)$/.exec(path);
  if (place !== null) {
    const index = form.offers.findIndex((each) => each.offerId === place[1]);
    return index < 0 ? 'offers' : `offers.${String(index)}.${place[2] ?? ''}`;
  }
  if (path.startsWith('groups')) return 'groups';
  if (path.startsWith('offers')) return 'offers';
  if (path === 'tie_breaks') return 'tieBreaks';
  return path === 'strategy' ? 'strategy' : null;
}

/** The tie-breaks of a strategy where none are declared. */
export function ownTieBreaks(strategy: Strategy): readonly TieBreak[] {
  return strategy === 'PRIORITY' ? ['BID', 'OLDEST'] : ['PRIORITY', 'OLDEST'];
}

/** Whether somewhere a lot is drawn, so that weights count. */
export function drawsLots(form: RoutingForm): boolean {
  return form.strategy === 'WATERFALL'
    ? form.groups.some((group) => group.strategy === 'WEIGHTED')
    : form.strategy === 'WEIGHTED';
}
