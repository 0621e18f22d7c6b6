import type { NavItem } from '../../lib/paths';

/** The last entries of a workspace's navigation. */
export const accountNav: readonly NavItem[] = [
  { to: '/account/organization', label: 'account.organization' },
  { to: '/account/members', label: 'account.members' },
  { to: '/account/api-keys', label: 'account.keys.title' },
];
