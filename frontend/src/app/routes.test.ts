import { readFileSync } from 'node:fs';
import { createMemoryHistory, createRouter } from '@tanstack/react-router';
import { describe, expect, it } from 'vitest';
import { idPath, type Kind, PAGES, PRINTED_ID, shortId } from '../lib/ids';
import { navigation } from './nav';
import { makeRouteTree } from './router';

const KINDS: readonly Kind[] = ['BUYER', 'PUBLISHER', 'OPERATOR'];
const REST = '01jd0000000000000000000001';
const OWN = 'org_01jd00000000000000000000ew';

const router = createRouter({
  routeTree: makeRouteTree(),
  history: createMemoryHistory({ initialEntries: ['/'] }),
});

/** Whether an address is answered by a page of its own, not by the frame's "nothing here". */
function hasPage(path: string): boolean {
  return router.getMatchedRoutes(path)[2] !== undefined;
}

/** The prefixes of the server's registry: `Name = "prefix";` inside of `ids! { … }`. */
function registry(): string[] {
  const text = readFileSync('../crates/core/src/ids.rs', 'utf8');
  const block = /^ids! \{$([\s\S]*?)^\}$/m.exec(text)?.[1] ?? '';
  return [...block.matchAll(/^\s+\w+ = "([a-z]+)";$/gm)].map(([, prefix = '']) => prefix);
}

describe('addresses', () => {
  it.each(KINDS)('every entry of the navigation of %s leads to a page', (kind) => {
    const dead = navigation(kind).filter((item) => !hasPage(item.to));
    expect(dead).toEqual([]);
  });

  it('every prefix of the server has a decision', () => {
    const prefixes = registry();
    expect(prefixes.length).toBeGreaterThan(30);
    expect(prefixes.filter((prefix) => !Object.hasOwn(PAGES, prefix))).toEqual([]);
  });

  it.each(KINDS)('every id that is a link for %s leads to a page', (kind) => {
    const reader = { kind, organization: OWN };
    const dead = Object.keys(PAGES)
      .map((prefix) => idPath(`${prefix}_${REST}`, reader))
      .filter((path) => path !== null && !hasPage(path));
    expect(dead).toEqual([]);
  });

  it('a trader’s own organization is its settings, a counterpart’s is no link', () => {
    for (const kind of ['BUYER', 'PUBLISHER'] as const) {
      const reader = { kind, organization: OWN };
      expect(idPath(OWN, reader)).toBe('/account/organization');
      expect(idPath(`org_${REST}`, reader)).toBeNull();
    }
    const operator = { kind: 'OPERATOR', organization: OWN } as const;
    expect(idPath(OWN, operator)).toBe(`/operator/organizations/${OWN}`);
    expect(hasPage('/account/organization')).toBe(true);
  });

  it('what is no id has no page', () => {
    const reader = { kind: 'OPERATOR', organization: OWN } as const;
    for (const text of ['', 'lead', 'zzz_1', 'constructor_1', '__proto___1']) {
      expect(idPath(text, reader), text).toBeNull();
    }
    expect(hasPage('/no/such/page')).toBe(false);
  });

  it('every prefix is recognised inside of a text', () => {
    for (const prefix of registry()) {
      expect(`of ${prefix}_${REST}:1`.split(PRINTED_ID)).toEqual([
        'of ',
        `${prefix}_${REST}`,
        ':1',
      ]);
    }
  });

  it('shortens ids to prefix and end', () => {
    expect(shortId('lead_01jd0000000000000abcdefgh0')).toBe('lead_…bcdefgh0');
  });
});
