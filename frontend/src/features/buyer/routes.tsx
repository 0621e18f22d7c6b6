import { type AnyRoute, createRoute } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { workspaceRoute } from '../../app/root';
import { Page } from '../../components/layout';
import { DisputesPage } from '../market/DisputesPage';
import { withId } from '../market/withId';
import { EndpointsPage } from './EndpointsPage';
import { InboxPage } from './InboxPage';
import { EditOfferPage, NewOfferPage } from './offers/OfferEditPages';
import { OfferPage } from './offers/OfferPage';
import { OffersPage } from './offers/OffersPage';
import { Participations } from './offers/Participations';
import { SalesImportPage } from './SalesImportPage';
import { WalletPage } from './WalletPage';

function ParticipationsPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('buyer.participation.title')}>
      <Participations />
    </Page>
  );
}

function Returns() {
  return <DisputesPage side="buyer" />;
}

function page(path: string, component: () => ReactNode): AnyRoute {
  return createRoute({ getParentRoute: () => workspaceRoute, path, component });
}

/** The pages of the buyer workspace; each is a child of `workspaceRoute`. */
export const buyerRoutes: AnyRoute[] = [
  page('/buyer/offers', OffersPage),
  page('/buyer/offers/new', NewOfferPage),
  page('/buyer/offers/$id', withId(OfferPage)),
  page('/buyer/offers/$id/edit', withId(EditOfferPage)),
  page('/buyer/participations', ParticipationsPage),
  page('/buyer/leads', InboxPage),
  page('/buyer/sales', SalesImportPage),
  page('/buyer/returns', Returns),
  page('/buyer/wallet', WalletPage),
  page('/buyer/endpoints', EndpointsPage),
];
