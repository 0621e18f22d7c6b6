import type { NavItem } from '../../lib/paths';

/** The navigation of the operator workspace, in order. */
export const operatorNav: readonly NavItem[] = [
  { to: '/operator/approvals', label: 'operator.approvals.title', permission: 'MODERATE' },
  { to: '/operator/organizations', label: 'operator.organizations.title' },
  { to: '/operator/niches', label: 'operator.niches.title' },
  { to: '/operator/offers', label: 'operator.offers.title' },
  { to: '/operator/orders', label: 'orders.title' },
  { to: '/operator/sources', label: 'operator.sources.title' },
  { to: '/operator/leads', label: 'shared.leads', permission: 'READ_LEADS' },
  { to: '/operator/calls', label: 'traffic.calls.title', permission: 'READ_LEADS' },
  { to: '/operator/clicks', label: 'traffic.clicks.title', permission: 'READ_LEADS' },
  { to: '/operator/pings', label: 'traffic.pings.title', permission: 'READ_LEADS' },
  { to: '/operator/awards', label: 'shared.awards', permission: 'READ_LEADS' },
  { to: '/operator/live', label: 'buyer.live.awards', permission: 'READ_LEADS' },
  { to: '/operator/conversions', label: 'shared.conversions', permission: 'READ_LEADS' },
  { to: '/operator/postbacks', label: 'publisher.postbacks.title', permission: 'READ_LEADS' },
  { to: '/operator/disputes', label: 'shared.disputes' },
  { to: '/operator/top-ups', label: 'operator.topUps.title', permission: 'READ_MONEY' },
  { to: '/operator/finance', label: 'finance.title', permission: 'READ_MONEY' },
  { to: '/operator/settlements', label: 'operator.settlements.title', permission: 'READ_MONEY' },
  { to: '/operator/payouts', label: 'shared.payouts', permission: 'READ_MONEY' },
  { to: '/operator/invoices', label: 'shared.invoices.title', permission: 'READ_MONEY' },
  { to: '/operator/statements', label: 'shared.statements', permission: 'READ_MONEY' },
  { to: '/operator/ledger', label: 'operator.ledger.title', permission: 'READ_LEDGER' },
  { to: '/operator/audit', label: 'operator.audit.title', permission: 'READ_AUDIT' },
];
