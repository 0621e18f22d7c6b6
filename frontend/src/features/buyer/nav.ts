import type { NavItem } from '../../lib/paths';

/** The navigation of the buyer workspace, in order. */
export const buyerNav: readonly NavItem[] = [];
