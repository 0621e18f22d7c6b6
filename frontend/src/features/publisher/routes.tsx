import { type AnyRoute, createRoute } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { workspaceRoute } from '../../app/root';
import { DisputesPage } from '../market/DisputesPage';
import { withId } from '../market/withId';
import { CatalogueOfferPage } from './CatalogueOfferPage';
import { CataloguePage } from './CataloguePage';
import { EarningsPage } from './EarningsPage';
import { LeadsPage } from './LeadsPage';
import { NewSourcePage } from './NewSourcePage';
import { ParticipationsPage } from './ParticipationsPage';
import { PayoutProfilePage } from './PayoutProfilePage';
import { SourcePage } from './SourcePage';
import { SourcesPage } from './SourcesPage';
import { StatementsPage } from './StatementsPage';

function page(path: string, component: () => ReactNode): AnyRoute {
  return createRoute({ getParentRoute: () => workspaceRoute, path, component });
}

function PublisherDisputes() {
  return <DisputesPage side="publisher" />;
}

/** The pages of the publisher workspace; each is a child of `workspaceRoute`. */
export const publisherRoutes: AnyRoute[] = [
  page('/publisher/catalogue', CataloguePage),
  page('/publisher/catalogue/$id', withId(CatalogueOfferPage)),
  page('/publisher/participations', ParticipationsPage),
  page('/publisher/sources', SourcesPage),
  page('/publisher/sources/new', NewSourcePage),
  page('/publisher/sources/$id', withId(SourcePage)),
  page('/publisher/leads', LeadsPage),
  page('/publisher/disputes', PublisherDisputes),
  page('/publisher/earnings', EarningsPage),
  page('/publisher/statements', StatementsPage),
  page('/publisher/payout-profile', PayoutProfilePage),
];
