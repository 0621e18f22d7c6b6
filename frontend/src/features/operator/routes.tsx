import { type AnyRoute, createRoute } from '@tanstack/react-router';
import { workspaceRoute } from '../../app/root';
import { Approvals } from './approvals/Approvals';
import { AuditLog } from './audit/AuditLog';
import { DisputeList } from './disputes/DisputeList';
import { AwardList } from './leads/AwardList';
import { ConversionList } from './leads/ConversionList';
import { LeadList } from './leads/LeadList';
import { Ledger, LedgerAccount, LedgerTransaction } from './ledger/Ledger';
import { SettlementDetail } from './money/SettlementDetail';
import { Settlements } from './money/Settlements';
import { StatementList } from './money/StatementList';
import { TopUps } from './money/TopUps';
import { NicheDetail } from './niches/NicheDetail';
import { NicheList } from './niches/NicheList';
import { OfferDetail } from './offers/OfferDetail';
import { OfferList } from './offers/OfferList';
import { OrganizationDetail } from './organizations/OrganizationDetail';
import { OrganizationList } from './organizations/OrganizationList';
import { SourceDetail, SourceList } from './sources/SourcePages';

function page(path: string, component: () => React.ReactNode): AnyRoute {
  return createRoute({ getParentRoute: () => workspaceRoute, path, component });
}

/** The pages of the operator workspace; each is a child of `workspaceRoute`. */
export const operatorRoutes: AnyRoute[] = [
  page('/operator/approvals', Approvals),
  page('/operator/organizations', OrganizationList),
  page('/operator/organizations/$id', OrganizationDetail),
  page('/operator/niches', NicheList),
  page('/operator/niches/$id', NicheDetail),
  page('/operator/offers', OfferList),
  page('/operator/offers/$id', OfferDetail),
  page('/operator/sources', SourceList),
  page('/operator/sources/$id', SourceDetail),
  page('/operator/leads', LeadList),
  page('/operator/awards', AwardList),
  page('/operator/conversions', ConversionList),
  page('/operator/disputes', DisputeList),
  page('/operator/top-ups', TopUps),
  page('/operator/settlements', Settlements),
  page('/operator/settlements/$id', SettlementDetail),
  page('/operator/statements', StatementList),
  page('/operator/ledger', Ledger),
  page('/operator/ledger/accounts/$id', LedgerAccount),
  page('/operator/ledger/transactions/$id', LedgerTransaction),
  page('/operator/audit', AuditLog),
];
