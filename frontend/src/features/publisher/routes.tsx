import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';
import type * as pages from './pages';

// One chunk for the whole workspace: other kinds of organizations never load it.
function page(path: string, name: keyof typeof pages): AnyRoute {
  const component = lazyRouteComponent(() => import('./pages'), name);
  return createRoute({ getParentRoute: () => workspaceRoute, path, component });
}

/** The pages of the publisher workspace; each is a child of `workspaceRoute`. */
export const publisherRoutes: AnyRoute[] = [
  page('/publisher/catalogue', 'CataloguePage'),
  page('/publisher/catalogue/$id', 'OneCatalogueOfferPage'),
  page('/publisher/participations', 'ParticipationsPage'),
  page('/publisher/sources', 'SourcesPage'),
  page('/publisher/sources/new', 'NewSourcePage'),
  page('/publisher/sources/$id', 'OneSourcePage'),
  page('/publisher/leads', 'LeadsPage'),
  page('/publisher/disputes', 'PublisherDisputesPage'),
  page('/publisher/postbacks', 'PostbacksPage'),
  // The same page, read by operators.
  page('/operator/postbacks', 'PostbacksPage'),
  page('/publisher/earnings', 'EarningsPage'),
  page('/publisher/statements', 'StatementsPage'),
  page('/publisher/payout-profile', 'PayoutProfilePage'),
];
