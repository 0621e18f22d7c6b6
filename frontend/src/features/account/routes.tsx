import { type AnyRoute, createRoute } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';
import { ApiKeysPage } from './ApiKeysPage';
import { MembersPage } from './MembersPage';
import { OrganizationPage } from './OrganizationPage';

/** The own organization: the same pages in every workspace. */
export const accountRoutes: AnyRoute[] = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: '/account/organization',
    component: OrganizationPage,
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: '/account/members',
    component: MembersPage,
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: '/account/api-keys',
    component: ApiKeysPage,
  }),
];
