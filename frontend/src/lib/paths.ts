import type { ParseKeys } from 'i18next';
import type { Permission } from './permissions';

/** An entry of a workspace's navigation. */
export interface NavItem {
  to: string;
  label: ParseKeys;
  /** Shown only with this right. */
  permission?: Permission;
}
