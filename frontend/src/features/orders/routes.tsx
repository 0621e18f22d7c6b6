import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';
import type * as pages from './pages';

function page(path: string, name: keyof typeof pages): AnyRoute {
  const component = lazyRouteComponent(() => import('./pages'), name);
  return createRoute({ getParentRoute: () => workspaceRoute, path, component });
}

/** Orders with a deadline: a list per workspace, one page for each order. */
export const orderRoutes: AnyRoute[] = [
  page('/buyer/orders', 'OrdersPage'),
  page('/publisher/orders', 'OrdersPage'),
  page('/operator/orders', 'OrdersPage'),
  page('/orders/$id', 'OrderPage'),
];
