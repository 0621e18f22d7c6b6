import type { NavItem } from '../../lib/paths';

/** The navigation of the buyer workspace, in order. */
export const buyerNav: readonly NavItem[] = [
  { to: '/buyer/offers', label: 'buyer.nav.offers' },
  { to: '/buyer/participations', label: 'buyer.nav.participations' },
];
