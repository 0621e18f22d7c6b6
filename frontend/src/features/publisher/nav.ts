import type { NavItem } from '../../lib/paths';

/** The navigation of the publisher workspace, in order. */
export const publisherNav: readonly NavItem[] = [];
