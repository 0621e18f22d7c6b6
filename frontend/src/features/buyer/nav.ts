import type { NavItem } from '../../lib/paths';
import { accountNav } from '../account/nav';

/** The navigation of the buyer workspace, in order. */
export const buyerNav: readonly NavItem[] = [
  { to: '/buyer/leads', label: 'buyer.nav.leads', permission: 'READ_LEADS' },
  { to: '/buyer/calls', label: 'traffic.calls.title', permission: 'READ_LEADS' },
  { to: '/buyer/offers', label: 'buyer.nav.offers' },
  { to: '/buyer/participations', label: 'buyer.nav.participations' },
  { to: '/buyer/orders', label: 'orders.title' },
  { to: '/buyer/returns', label: 'buyer.nav.returns', permission: 'READ_LEADS' },
  { to: '/buyer/sales', label: 'buyer.nav.sales', permission: 'REPORT_OUTCOMES' },
  {
    to: '/buyer/reconciliation',
    label: 'buyer.nav.reconciliation',
    permission: 'READ_LEADS',
  },
  { to: '/buyer/postbacks', label: 'buyer.nav.postbacks', permission: 'READ_LEADS' },
  { to: '/buyer/wallet', label: 'buyer.nav.wallet', permission: 'READ_MONEY' },
  { to: '/buyer/live', label: 'buyer.live.awards', permission: 'READ_LEADS' },
  { to: '/buyer/endpoints', label: 'buyer.nav.endpoints' },
  ...accountNav,
];
