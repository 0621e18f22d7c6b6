/** Where a printed id leads: its prefix names the noun, the reader's role names the workspace. */
export type Kind = 'BUYER' | 'PUBLISHER' | 'OPERATOR';

/** Who reads, as far as links depend on it. */
export interface Reader {
  kind: Kind;
  /** The id of the organization that the reader acts for. */
  organization: string;
}

/** The folder of the pages of one prefix, by the reader's kind; null where there is no page. */
type Pages = Record<Kind, string | null>;

const everybody = (base: string): Pages => ({ BUYER: base, PUBLISHER: base, OPERATOR: base });
const operators = (base: string): Pages => ({ BUYER: null, PUBLISHER: null, OPERATOR: base });
/** Never printed on a page, or no noun of its own: the reason stands beside it. */
const nobody: Pages = { BUYER: null, PUBLISHER: null, OPERATOR: null };

/**
 * Every prefix of the server's registry (`crates/core/src/ids.rs`) with a decision; a test compares
 * the two lists. Where a page would only say that the exchange shows nothing, there is no link:
 * the name is plain text.
 */
export const PAGES: Readonly<Record<string, Pages>> = {
  // The own organization has its settings (see `idPath`). Of a counterpart the exchange shows a
  // trader the name and nothing else, and the name already stands where the link would.
  org: operators('/operator/organizations'),
  // A colleague's record; of everybody else's members the page says that they are somebody else's.
  usr: everybody('/records'),
  // A membership is no node: the audit log leads to the members of its organization.
  mem: nobody,
  // A session is never printed.
  ses: nobody,
  key: everybody('/records'),
  nch: { ...everybody('/niches'), OPERATOR: '/operator/niches' },
  nsv: everybody('/niche-versions'),
  ofr: { BUYER: '/buyer/offers', PUBLISHER: '/publisher/catalogue', OPERATOR: '/operator/offers' },
  // Publishers read what a version changed on the offer's page; its terms are the buyer's.
  ofv: { ...everybody('/records'), PUBLISHER: null },
  prt: everybody('/records'),
  // Where a publisher's traffic arises is no buyer's business: the API denies it to buyers.
  src: { BUYER: null, PUBLISHER: '/publisher/sources', OPERATOR: '/operator/sources' },
  lead: everybody('/leads'),
  // An event is a line of its lead's chain, without an id in the API.
  evt: nobody,
  awd: everybody('/awards'),
  cnv: everybody('/conversions'),
  // A reservation shows as its award in the wallet's movements.
  rsv: nobody,
  dsp: everybody('/disputes'),
  run: operators('/operator/settlements'),
  stm: everybody('/statements'),
  // A line is shown as its conversion.
  stl: nobody,
  pay: everybody('/records'),
  // A document is shown with what it is about: the statement, the invoice.
  doc: nobody,
  // A file and an answer stand on the run's page; neither is a noun of its own in `node`.
  pyf: nobody,
  bka: nobody,
  top: everybody('/records'),
  // Top-ups by card, refunds and chargebacks are shown in the wallet and in FINANCE's lists.
  ctu: nobody,
  crd: nobody,
  rfd: nobody,
  cbk: nobody,
  // Lines of a top-up and of the provider's log.
  pfe: nobody,
  pev: nobody,
  // A trader reads its own accounts; the books are the operators'.
  // Changes of credit, conversions between currencies and closes are lines of lists.
  crd: nobody,
  fxc: nobody,
  cls: nobody,
  acc: { ...everybody('/records'), OPERATOR: '/operator/ledger/accounts' },
  // A transaction names both sides' accounts: traders see their own side of it as a movement.
  ltx: operators('/operator/ledger/transactions'),
  // A posting is a line of its transaction.
  pst: nobody,
  ept: everybody('/records'),
  dlv: everybody('/records'),
  // A try is a line of its delivery.
  att: nobody,
  call: everybody('/calls'),
  // A click is a line of its source's clicks, and leads are what came of it.
  clk: nobody,
  // Buyers see what their open bids hold, not what was asked.
  png: { ...everybody('/pings'), BUYER: null },
  // A bid is a line of its ping.
  bid: nobody,
  // An address for postbacks and what came in there stand on the buyer's page of postbacks.
  pbt: nobody,
  // A publisher's own postback and what it was told are lines of the page of postbacks.
  ppb: nobody,
  hap: nobody,
  ntc: nobody,
  pbl: nobody,
  ord: everybody('/orders'),
  // A claim is a line of its order.
  ocl: nobody,
  rec: { ...nobody, BUYER: '/buyer/reconciliation' },
  // The machine room: never printed on a page.
  obx: nobody,
  job: nobody,
  imp: nobody,
  // A line of the audit log is found by its subject.
  aud: nobody,
};

export function idPrefix(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('_')));
}

/** The page of an id for this reader, or null when there is none. */
export function idPath(id: string, reader: Reader): string | null {
  if (reader.kind !== 'OPERATOR' && id === reader.organization) return '/account/organization';
  const prefix = idPrefix(id);
  const base = Object.hasOwn(PAGES, prefix) ? PAGES[prefix]?.[reader.kind] : undefined;
  return base == null ? null : `${base}/${encodeURIComponent(id)}`;
}

/** A whole printed id within a text. */
export const PRINTED_ID = /([a-z]{3,4}_[0-9a-z]{26})/;

/** An id short enough for a table: the prefix and the last eight characters, which differ most. */
export function shortId(id: string): string {
  const prefix = idPrefix(id);
  const rest = id.slice(prefix.length + 1);
  return rest.length <= 10 ? id : `${prefix}_…${rest.slice(-8)}`;
}
