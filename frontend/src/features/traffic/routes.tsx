import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';
import type * as pages from './pages';

function page(path: string, name: keyof typeof pages): AnyRoute {
  const component = lazyRouteComponent(() => import('./pages'), name);
  return createRoute({ getParentRoute: () => workspaceRoute, path, component });
}

/** Calls, clicks and pings: a list per workspace that has them, one page for each thing. */
export const trafficRoutes: AnyRoute[] = [
  page('/buyer/calls', 'CallsPage'),
  page('/publisher/calls', 'CallsPage'),
  page('/operator/calls', 'CallsPage'),
  page('/calls/$id', 'CallPage'),
  page('/publisher/clicks', 'ClicksPage'),
  page('/operator/clicks', 'ClicksPage'),
  page('/publisher/pings', 'PingsPage'),
  page('/operator/pings', 'PingsPage'),
  page('/pings/$id', 'PingPage'),
];
