/** Kinds of ledger transactions, as `LedgerEntry.kind` names them. */
export const ENTRY_KINDS = [
  'TOP_UP',
  'RESERVE',
  'RELEASE',
  'BID_RESERVE',
  'BID_RELEASE',
  'ORDER_RESERVE',
  'ORDER_RELEASE',
  'CONVERSION',
  'HOLD_END',
  'GIVE_BACK',
  'PAYOUT_BEGIN',
  'PAYOUT_CONFIRMED',
  'PAYOUT_REFUSED',
  'PAYOUT_RETURNED',
  'CREDIT',
  'FX_OUT',
  'FX_IN',
  'PROVIDER_FEE',
  'CREDIT_REFUND_BEGIN',
  'CREDIT_REFUND_CONFIRMED',
  'CREDIT_REFUND_REFUSED',
  'CREDIT_REFUND_RETURNED',
  'CHARGEBACK_OPENED',
  'CHARGEBACK_WON',
  'WRITE_OFF',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export function isEntryKind(kind: string): kind is EntryKind {
  return (ENTRY_KINDS as readonly string[]).includes(kind);
}

/** The id that a transaction came from: causes begin with one. */
export function causeId(cause: string): string | null {
  const first = cause.split(':')[0] ?? '';
  return /^[a-z]+_[0-9a-z]+$/.test(first) ? first : null;
}
