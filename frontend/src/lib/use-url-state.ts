import { useNavigate, useSearch } from '@tanstack/react-router';

type Filters = Record<string, string>;

export interface UrlState<Name extends string> {
  /** The filters that are set. */
  filters: Partial<Record<Name, string>>;
  /** Sets or clears (null) one filter; the list starts over. */
  setFilter: (name: Name, value: string | null) => void;
  /** Sets and clears several filters at once. */
  setFilters: (changes: Partial<Record<Name, string | null>>) => void;
  filtered: boolean;
  /** For `useConnection`: how many pages were open, and where to remember it. */
  paging: { pages: number; onPages: (pages: number) => void };
}

const MOST_PAGES = 20;

function text(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Filters and open pages of a list, kept in the address, so that a link or a reload shows the same. */
export function useUrlState<Name extends string>(names: readonly Name[]): UrlState<Name> {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const filters: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = text(search[name]);
    if (value !== null) filters[name] = value;
  }
  const asked = Number(search.pages);
  const pages = Number.isInteger(asked) && asked > 0 ? Math.min(asked, MOST_PAGES) : 1;
  const write = (next: Filters) =>
    void navigate({ to: '.', search: next, replace: true, resetScroll: false });
  const setFilters = (changes: Partial<Record<Name, string | null>>) => {
    const next: Filters = { ...(filters as Filters) };
    for (const [name, value] of Object.entries<string | null | undefined>(changes)) {
      if (value == null || value === '') Reflect.deleteProperty(next, name);
      else next[name] = value;
    }
    write(next);
  };
  return {
    filters,
    filtered: Object.keys(filters).length > 0,
    setFilter: (name, value) =>
      setFilters({ [name]: value } as Partial<Record<Name, string | null>>),
    setFilters,
    paging: {
      pages,
      onPages: (count) => write({ ...(filters as Filters), pages: String(count) }),
    },
  };
}

/** A filter as a value of an enum; undefined when the address holds something else. */
export function oneOf<Value extends string>(
  value: string | undefined,
  allowed: Record<Value, unknown>,
): Value | undefined {
  return value !== undefined && value in allowed ? (value as Value) : undefined;
}
