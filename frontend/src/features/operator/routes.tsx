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

/** The pages of the operator workspace; each is a child of `workspaceRoute`. */
export const operatorRoutes: AnyRoute[] = [
  page('/operator/approvals', 'Approvals'),
  page('/operator/organizations', 'OrganizationList'),
  page('/operator/organizations/$id', 'OrganizationDetail'),
  page('/operator/niches', 'NicheList'),
  page('/operator/niches/$id', 'NicheDetail'),
  page('/operator/niches/$id/routing', 'RoutingPage'),
  page('/operator/offers', 'OfferList'),
  page('/operator/offers/$id', 'OfferDetail'),
  page('/operator/sources', 'SourceList'),
  page('/operator/sources/$id', 'SourceDetail'),
  page('/operator/sources/$id/simulate', 'SimulatePage'),
  page('/operator/leads', 'LeadList'),
  page('/operator/awards', 'AwardList'),
  page('/operator/conversions', 'ConversionList'),
  page('/operator/disputes', 'DisputeList'),
  page('/operator/top-ups', 'TopUps'),
  page('/operator/settlements', 'Settlements'),
  page('/operator/settlements/$id', 'SettlementDetail'),
  page('/operator/payouts', 'Payouts'),
  page('/operator/bank-answers', 'BankAnswers'),
  page('/operator/bank-answers/$id', 'BankAnswerDetail'),
  page('/operator/statements', 'StatementList'),
  page('/operator/ledger', 'Ledger'),
  page('/operator/ledger/accounts/$id', 'LedgerAccount'),
  page('/operator/ledger/transactions/$id', 'LedgerTransaction'),
  page('/operator/audit', 'AuditLog'),
];
