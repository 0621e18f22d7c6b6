import type { Permission } from '../../lib/permissions';
import { account } from './i18n/en';

/** Whether a scope of a key is an action that the texts know. */
export function isScope(name: string): name is Permission {
  return name in account.scope;
}
