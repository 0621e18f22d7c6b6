import type { NavItem } from '../../lib/paths';
import { accountNav } from '../account/nav';

/** The navigation of the publisher workspace, in order. */
export const publisherNav: readonly NavItem[] = [
  { to: '/publisher/catalogue', label: 'publisher.catalogue.title' },
  { to: '/publisher/participations', label: 'publisher.participation.title' },
  { to: '/publisher/orders', label: 'orders.title' },
  { to: '/publisher/sources', label: 'publisher.sources.title' },
  { to: '/publisher/leads', label: 'publisher.leads.title', permission: 'READ_LEADS' },
  { to: '/publisher/calls', label: 'traffic.calls.title', permission: 'READ_LEADS' },
  { to: '/publisher/clicks', label: 'traffic.clicks.title', permission: 'READ_LEADS' },
  { to: '/publisher/pings', label: 'traffic.pings.title', permission: 'READ_LEADS' },
  { to: '/publisher/disputes', label: 'market.disputes.toAnswer', permission: 'READ_LEADS' },
  { to: '/publisher/postbacks', label: 'publisher.postbacks.title', permission: 'READ_LEADS' },
  { to: '/publisher/earnings', label: 'publisher.earnings.title', permission: 'READ_MONEY' },
  { to: '/publisher/statements', label: 'publisher.statements.title', permission: 'READ_MONEY' },
  { to: '/publisher/payout-profile', label: 'publisher.payout.title', permission: 'READ_MONEY' },
  ...accountNav,
];
