/** Where a printed id leads: its prefix names the noun, the reader's role names the workspace. */
export type Kind = 'BUYER' | 'PUBLISHER' | 'OPERATOR';

/** Pages that every role shares. */
const SHARED: Record<string, string> = {
  lead: '/leads',
  awd: '/awards',
  cnv: '/conversions',
  dsp: '/disputes',
  stm: '/statements',
  pay: '/records',
  top: '/records',
  ofv: '/records',
  prt: '/records',
  usr: '/records',
  key: '/records',
  ept: '/records',
  dlv: '/records',
};

const OPERATOR: Record<string, string> = {
  org: '/operator/organizations',
  nch: '/operator/niches',
  ofr: '/operator/offers',
  src: '/operator/sources',
  acc: '/operator/ledger/accounts',
  ltx: '/operator/ledger/transactions',
  run: '/operator/settlements',
  stn: '/operator/settlements',
};

const BUYER: Record<string, string> = {
  ofr: '/buyer/offers',
};

const PUBLISHER: Record<string, string> = {
  ofr: '/publisher/catalogue',
  src: '/publisher/sources',
};

const BY_KIND: Record<Kind, Record<string, string>> = {
  OPERATOR,
  BUYER,
  PUBLISHER,
};

export function idPrefix(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('_')));
}

/** The page of an id for this kind of organization, or null when there is none. */
export function idPath(id: string, kind: Kind): string | null {
  const prefix = idPrefix(id);
  const base = SHARED[prefix] ?? BY_KIND[kind][prefix];
  return base === undefined ? null : `${base}/${encodeURIComponent(id)}`;
}

/** An id short enough for a table: the prefix and the last eight characters, which differ most. */
export function shortId(id: string): string {
  const prefix = idPrefix(id);
  const rest = id.slice(prefix.length + 1);
  return rest.length <= 10 ? id : `${prefix}_…${rest.slice(-8)}`;
}
