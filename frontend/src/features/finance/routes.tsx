import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';

/** The finance desk of the operators. */
export const financeRoutes: AnyRoute[] = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: '/operator/finance',
    component: lazyRouteComponent(() => import('./pages'), 'FinanceDesk'),
  }),
];
