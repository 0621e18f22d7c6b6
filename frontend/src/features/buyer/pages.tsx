import { useTranslation } from 'react-i18next';
import { Page } from '../../components/layout';
import { DisputesPage } from '../market/DisputesPage';
import { withId } from '../market/withId';
import { EditOfferPage } from './offers/OfferEditPages';
import { OfferPage } from './offers/OfferPage';
import { Participations } from './offers/Participations';
import { ReconciliationPage } from './ReconciliationPages';

export { EndpointsPage } from './EndpointsPage';
export { LiveAwardsPage } from './live/LiveAwardsPage';
export { InboxPage } from './InboxPage';
export { NewOfferPage } from './offers/OfferEditPages';
export { OffersPage } from './offers/OffersPage';
export { PostbacksPage } from './PostbacksPage';
export { ReconciliationsPage } from './ReconciliationPages';
export { SalesImportPage } from './SalesImportPage';
export { WalletPage } from './WalletPage';

export const OneReconciliationPage = withId(ReconciliationPage);
export const OneOfferPage = withId(OfferPage);
export const ChangeOfferPage = withId(EditOfferPage);

/** Publishers who wait for an answer, whatever the offer. */
export function ParticipationsPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('buyer.participation.title')}>
      <Participations />
    </Page>
  );
}

export function ReturnsPage() {
  return <DisputesPage side="buyer" />;
}
