import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isEnumType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { en } from './en';
import { ru } from './ru';

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') found.set(name, value);
    else for (const [inner, text] of leaves(value, name)) found.set(inner, text);
  }
  return found;
}

const english = leaves(en);
const russian = leaves(ru);

/** The codes that Rust declares: every `codes! { NAME: Kind = "…"; }` of the server's sources. */
function serverCodes(): string[] {
  const codes = new Set<string>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith('.rs')) {
        const text = readFileSync(path, 'utf8');
        for (const [, name] of text.matchAll(
          /^\s+([A-Z][A-Z0-9_]*): (?:Invalid|Unauthenticated|NotFound|Conflict|Limit|Unavailable|Internal) =/gm,
        )) {
          if (name !== undefined) codes.add(name);
        }
      }
    }
  };
  walk('../crates/core/src');
  walk('../src');
  return [...codes].sort();
}

/** The codes of the generated page, which lists each as `CODE` in its tables. */
function documentedCodes(): string[] {
  try {
    const text = readFileSync('../docs/ERRORS.md', 'utf8');
    return [...text.matchAll(/^\|\s*`([A-Z][A-Z0-9_]*)`/gm)].map((match) => match[1] ?? '');
  } catch {
    return [];
  }
}

describe('languages', () => {
  it('have the same keys', () => {
    expect([...russian.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('leave no text empty', () => {
    for (const [key, text] of [...english, ...russian]) expect(text.trim(), key).not.toBe('');
  });

  it('use the same variables', () => {
    const variables = (text: string) =>
      [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
    for (const [key, text] of english) {
      expect(variables(russian.get(key) ?? ''), key).toEqual(variables(text));
    }
  });

  it('translate every error code of the server', () => {
    const known = new Set(Object.keys(en.errors));
    const codes = [...serverCodes(), ...documentedCodes()];
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !known.has(code))).toEqual([]);
  });

  it('name every value of every enum of the schema', () => {
    const schema = buildSchema(readFileSync('../schema.graphql', 'utf8'));
    const missing: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isEnumType(type) || type.name.startsWith('__')) continue;
      for (const value of type.getValues()) {
        const key = `enums.${type.name}.${value.name}`;
        if (!english.has(key)) missing.push(key);
      }
    }
    expect(missing).toEqual([]);
  });
});
