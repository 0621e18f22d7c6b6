import { createMemoryHistory, createRouter } from '@tanstack/react-router';
import { describe, expect, it } from 'vitest';
import { idPath, type Kind, shortId } from '../lib/ids';
import { navigation } from './nav';
import { makeRouteTree } from './router';

const KINDS: readonly Kind[] = ['BUYER', 'PUBLISHER', 'OPERATOR'];
const PREFIXES =
  'org usr mem key nch nsv ofr ofv prt src lead awd cnv dsp stm pay top acc ltx ept dlv run stn aud';

const router = createRouter({
  routeTree: makeRouteTree(),
  history: createMemoryHistory({ initialEntries: ['/'] }),
});

/** Whether an address is answered by a page of its own, not by the frame's "nothing here". */
function hasPage(path: string): boolean {
  return router.getMatchedRoutes(path)[2] !== undefined;
}

describe('addresses', () => {
  it.each(KINDS)('every entry of the navigation of %s leads to a page', (kind) => {
    const dead = navigation(kind).filter((item) => !hasPage(item.to));
    expect(dead).toEqual([]);
  });

  it.each(KINDS)('every id that is a link for %s leads to a page', (kind) => {
    const dead = PREFIXES.split(' ')
      .map((prefix) => idPath(`${prefix}_01jd0000000000000000000001`, kind))
      .filter((path) => path !== null && !hasPage(path));
    expect(dead).toEqual([]);
  });

  it('unknown addresses have none', () => {
    expect(hasPage('/no/such/page')).toBe(false);
  });

  it('shortens ids to prefix and end', () => {
    expect(shortId('lead_01jd0000000000000abcdefgh0')).toBe('lead_…bcdefgh0');
  });
});
