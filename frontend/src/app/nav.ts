import { buyerNav } from '../features/buyer/nav';
import { operatorNav } from '../features/operator/nav';
import { publisherNav } from '../features/publisher/nav';
import type { Kind } from '../lib/ids';
import type { NavItem } from '../lib/paths';

const START: NavItem = { to: '/', label: 'dashboard.title' };

const BY_KIND: Record<Kind, readonly NavItem[]> = {
  BUYER: buyerNav,
  PUBLISHER: publisherNav,
  OPERATOR: operatorNav,
};

/** What the navigation of a workspace shows, before rights. */
export function navigation(kind: Kind): readonly NavItem[] {
  return [START, ...BY_KIND[kind]];
}
