import type { Enum } from '../../lib/graphql';
import type { Kind } from '../../lib/ids';

/** The roles that a kind of organization has, the widest first. */
export function rolesOf(kind: Kind): Enum<'Role'>[] {
  switch (kind) {
    case 'BUYER':
    case 'PUBLISHER':
      return ['OWNER', 'MANAGER', 'ANALYST'];
    case 'OPERATOR':
      return ['ADMIN', 'MODERATOR', 'FINANCE', 'SUPPORT', 'AUDITOR'];
  }
}
