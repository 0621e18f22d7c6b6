import type { NavItem } from '../../lib/paths';

/** The navigation of the operator workspace, in order. */
export const operatorNav: readonly NavItem[] = [];
