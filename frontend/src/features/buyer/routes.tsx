import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';
import type * as pages from './pages';

// One chunk for the whole workspace: other kinds of organizations never load it.
function page(path: string, name: keyof typeof pages): AnyRoute {
  const component = lazyRouteComponent(() => import('./pages'), name);
  return createRoute({ getParentRoute: () => workspaceRoute, path, component });
}

/** The pages of the buyer workspace; each is a child of `workspaceRoute`. */
export const buyerRoutes: AnyRoute[] = [
  page('/buyer/leads', 'InboxPage'),
  page('/buyer/offers', 'OffersPage'),
  page('/buyer/offers/new', 'NewOfferPage'),
  page('/buyer/offers/$id', 'OneOfferPage'),
  page('/buyer/offers/$id/edit', 'ChangeOfferPage'),
  page('/buyer/participations', 'ParticipationsPage'),
  page('/buyer/returns', 'ReturnsPage'),
  page('/buyer/sales', 'SalesImportPage'),
  page('/buyer/reconciliation', 'ReconciliationsPage'),
  page('/buyer/reconciliation/$id', 'OneReconciliationPage'),
  page('/buyer/postbacks', 'PostbacksPage'),
  page('/buyer/live', 'LiveAwardsPage'),
  // The same page, read by operators.
  page('/operator/live', 'LiveAwardsPage'),
  page('/buyer/wallet', 'WalletPage'),
  page('/buyer/endpoints', 'EndpointsPage'),
];
