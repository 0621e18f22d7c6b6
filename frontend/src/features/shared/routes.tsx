import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';

import type * as pages from './pages';

function page(path: string, name: keyof typeof pages): AnyRoute {
  return createRoute({
    getParentRoute: () => workspaceRoute,
    path,
    component: lazyRouteComponent(() => import('./pages'), name),
  });
}

/** Pages that every role shares: one page per noun, showing what the reader may see. */
export const sharedRoutes: AnyRoute[] = [
  page('/leads/$id', 'LeadPage'),
  page('/awards/$id', 'AwardPage'),
  page('/conversions/$id', 'ConversionPage'),
  page('/disputes/$id', 'DisputePage'),
  page('/statements/$id', 'StatementPage'),
  page('/records/$id', 'RecordPage'),
  page('/niches/$id', 'NichePage'),
  page('/niche-versions/$id', 'NicheVersionPage'),
];
