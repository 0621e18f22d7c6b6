import { createRoute, createRouter } from '@tanstack/react-router';
import { accountRoutes } from '../features/account/routes';
import { authRoutes } from '../features/auth/routes';
import { buyerRoutes } from '../features/buyer/routes';
import { Dashboard } from '../features/dashboard/Dashboard';
import { financeRoutes } from '../features/finance/routes';
import { operatorRoutes } from '../features/operator/routes';
import { orderRoutes } from '../features/orders/routes';
import { publisherRoutes } from '../features/publisher/routes';
import { sharedRoutes } from '../features/shared/routes';
import { trafficRoutes } from '../features/traffic/routes';
import { Crashed } from './ErrorBoundary';
import { NotFound } from './NotFound';
import { rootRoute, workspaceRoute } from './root';

const startRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: '/',
  component: Dashboard,
});

/** All pages. Workspaces add theirs in features/<workspace>/routes.tsx. */
export function makeRouteTree() {
  return rootRoute.addChildren([
    ...authRoutes,
    workspaceRoute.addChildren([
      startRoute,
      ...operatorRoutes,
      ...buyerRoutes,
      ...publisherRoutes,
      ...sharedRoutes,
      ...trafficRoutes,
      ...orderRoutes,
      ...financeRoutes,
      ...accountRoutes,
    ]),
  ]);
}

export function makeRouter() {
  return createRouter({
    routeTree: makeRouteTree(),
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: Crashed,
    scrollRestoration: true,
  });
}
