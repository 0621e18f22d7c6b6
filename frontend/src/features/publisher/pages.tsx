import { DisputesPage } from '../market/DisputesPage';
import { withId } from '../market/withId';
import { CatalogueOfferPage } from './CatalogueOfferPage';
import { SourcePage } from './SourcePage';

export { CataloguePage } from './CataloguePage';
export { EarningsPage } from './EarningsPage';
export { LeadsPage } from './LeadsPage';
export { NewSourcePage } from './NewSourcePage';
export { ParticipationsPage } from './ParticipationsPage';
export { PayoutProfilePage } from './PayoutProfilePage';
export { PostbacksPage } from '../notices/PostbacksPage';
export { SourcesPage } from './SourcesPage';
export { StatementsPage } from './StatementsPage';

export const OneCatalogueOfferPage = withId(CatalogueOfferPage);
export const OneSourcePage = withId(SourcePage);

/** Returns that wait for the publisher's answer. */
export function PublisherDisputesPage() {
  return <DisputesPage side="publisher" />;
}
