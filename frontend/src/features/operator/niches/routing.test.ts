import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  checkRouting,
  DEFAULT_WEIGHT,
  drawsLots,
  formFromPolicy,
  LIMITS,
  ownTieBreaks,
  policyWith,
  type RoutingForm,
  routingPath,
  sameRouting,
} from './routing';

const A = 'ofr_01jd0000000000000000000001';
const B = 'ofr_01jd0000000000000000000002';

const policy = {
  price_floor: 10_000,
  scorecard: { fit: [], intent: [] },
  routing: {
    strategy: 'WATERFALL',
    tie_breaks: ['LEAST_RECENT'],
    groups: [
      { number: 1, strategy: 'PRIORITY', tie_breaks: [] },
      { number: 7, strategy: 'WEIGHTED', tie_breaks: ['BID', 'OLDEST'] },
    ],
    offers: { [A]: { group: 1, priority: -5 }, [B]: { group: 7, weight: 300 } },
  },
};

const form = (): RoutingForm => formFromPolicy(policy);

describe('the routing form', () => {
  it('gives back the policy that it was filled from', () => {
    expect(policyWith(policy, form())).toEqual(policy);
    expect(checkRouting(form())).toEqual({});
  });

  it('changes the routing and nothing else', () => {
    const changed = { ...form(), strategy: 'AUCTION' as const, tieBreaks: [] };
    expect(policyWith(policy, changed)).toEqual({
      price_floor: 10_000,
      scorecard: { fit: [], intent: [] },
      routing: {
        strategy: 'AUCTION',
        tie_breaks: [],
        groups: [],
        // Places in groups go with the groups.
        offers: { [A]: { priority: -5 }, [B]: { weight: 300 } },
      },
    });
  });

  it('takes a policy that says nothing for an auction', () => {
    const start = formFromPolicy({ price_floor: 1 });
    expect(start).toEqual({ strategy: 'AUCTION', tieBreaks: [], groups: [], offers: [] });
    expect(checkRouting(start)).toEqual({});
  });

  it('sends groups in their order and leaves offers without a place out', () => {
    const late: RoutingForm = {
      strategy: 'WATERFALL',
      tieBreaks: [],
      groups: [
        { number: 9, strategy: 'AUCTION', tieBreaks: [] },
        { number: '2', strategy: 'ROUND_ROBIN', tieBreaks: [] },
      ],
      offers: [{ offerId: A, group: '', weight: '', priority: '' }],
    };
    expect(checkRouting(late)).toEqual({});
    expect(policyWith({}, late).routing).toEqual({
      strategy: 'WATERFALL',
      tie_breaks: [],
      groups: [
        { number: 2, strategy: 'ROUND_ROBIN', tie_breaks: [] },
        { number: 9, strategy: 'AUCTION', tie_breaks: [] },
      ],
      offers: {},
    });
  });

  it('knows when nothing has changed', () => {
    const same = form();
    same.groups.reverse();
    same.offers.push({ offerId: 'ofr_3', group: '', weight: '', priority: '' });
    expect(sameRouting(form(), same)).toBe(true);
    expect(sameRouting(form(), { ...same, tieBreaks: ['BID'] })).toBe(false);
  });

  it.each<[string, string, (form: RoutingForm) => void]>([
    ['groups', 'noGroups', (f) => ((f.groups = []), (f.offers = []))],
    ['groups.0.number', 'groupNumber', (f) => f.groups[0] && (f.groups[0].number = 1_000)],
    ['groups.1.number', 'groupTwice', (f) => f.groups[1] && (f.groups[1].number = 1)],
    ['offers.0.group', 'groupGone', (f) => f.offers[0] && (f.offers[0].group = '3')],
    ['offers.1.weight', 'weight', (f) => f.offers[1] && (f.offers[1].weight = 0)],
    ['offers.1.weight', 'weight', (f) => f.offers[1] && (f.offers[1].weight = 10_001)],
    ['offers.0.priority', 'priority', (f) => f.offers[0] && (f.offers[0].priority = 101)],
    ['offers.0.priority', 'priority', (f) => f.offers[0] && (f.offers[0].priority = -100.5)],
  ])('at %s: %s', (path, problem, spoil) => {
    const spoilt = form();
    spoil(spoilt);
    expect(checkRouting(spoilt)[path]).toBe(problem);
  });

  it('counts groups', () => {
    const many = form();
    many.groups = Array.from({ length: 21 }, (_, i) => ({
      number: i + 1,
      strategy: 'AUCTION',
      tieBreaks: [],
    }));
    expect(checkRouting(many).groups).toBe('tooManyGroups');
  });

  it('has the bounds of the server', () => {
    const source = ['routing_check', 'routing']
      .map((file) => readFileSync(`../crates/core/src/niche/${file}.rs`, 'utf8'))
      .join('\n');
    const bound = (name: string) =>
      Number(new RegExp(`const ${name}: \\w+ = ([\\d_]+);`).exec(source)?.[1]?.replaceAll('_', ''));
    expect(bound('MAX_GROUPS')).toBe(LIMITS.groups);
    expect(bound('MAX_PLACES')).toBe(LIMITS.places);
    expect(bound('MAX_GROUP')).toBe(LIMITS.group);
    expect(bound('MAX_WEIGHT')).toBe(LIMITS.weight);
    expect(bound('DEFAULT_WEIGHT')).toBe(DEFAULT_WEIGHT);
    const terms = readFileSync('../crates/core/src/offer/validate.rs', 'utf8');
    expect(terms).toContain(`pub const MAX_PRIORITY: i32 = ${String(LIMITS.priority)};`);
    expect(source).toContain('Self::Priority => &[TieBreak::Bid, TieBreak::Oldest]');
    expect(ownTieBreaks('PRIORITY')).toEqual(['BID', 'OLDEST']);
    expect(ownTieBreaks('WEIGHTED')).toEqual(['PRIORITY', 'OLDEST']);
  });

  it('puts refusals at their fields', () => {
    const late = form();
    late.groups.reverse();
    expect(routingPath('policy.routing.groups[0].number', late)).toBe('groups.1.number');
    expect(routingPath('policy.routing.groups[1].tie_breaks', late)).toBe('groups.0.tieBreaks');
    expect(routingPath(`policy.routing.offers.${B}.weight`, late)).toBe('offers.1.weight');
    expect(routingPath('policy.routing.offers', late)).toBe('offers');
    expect(routingPath('policy.routing.groups', late)).toBe('groups');
    expect(routingPath('policy.routing.tie_breaks', late)).toBe('tieBreaks');
    expect(routingPath('policy.price_floor', late)).toBeNull();
    expect(routingPath(null, late)).toBeNull();
  });

  it('asks for weights only where a lot is drawn', () => {
    expect(drawsLots(form())).toBe(true);
    expect(drawsLots({ ...form(), groups: [] })).toBe(false);
    expect(drawsLots({ ...form(), strategy: 'WEIGHTED', groups: [] })).toBe(true);
  });
});
