import { type AnyRoute, createRoute } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { workspaceRoute } from '../../app/root';
import { Page } from '../../components/layout';
import { withId } from '../market/withId';
import { EditOfferPage, NewOfferPage } from './offers/OfferEditPages';
import { OfferPage } from './offers/OfferPage';
import { OffersPage } from './offers/OffersPage';
import { Participations } from './offers/Participations';

function ParticipationsPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('buyer.participation.title')}>
      <Participations />
    </Page>
  );
}

function page(path: string, component: () => React.ReactNode): AnyRoute {
  return createRoute({ getParentRoute: () => workspaceRoute, path, component });
}

/** The pages of the buyer workspace; each is a child of `workspaceRoute`. */
export const buyerRoutes: AnyRoute[] = [
  page('/buyer/offers', OffersPage),
  page('/buyer/offers/new', NewOfferPage),
  page('/buyer/offers/$id', withId(OfferPage)),
  page('/buyer/offers/$id/edit', withId(EditOfferPage)),
  page('/buyer/participations', ParticipationsPage),
];
