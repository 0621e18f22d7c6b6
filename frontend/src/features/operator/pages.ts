// All pages of the workspace in one chunk, which only operators load.
export { Approvals } from './approvals/Approvals';
export { AuditLog } from './audit/AuditLog';
export { DisputeList } from './disputes/DisputeList';
export { AwardList } from './leads/AwardList';
export { ConversionList } from './leads/ConversionList';
export { LeadList } from './leads/LeadList';
export { Ledger, LedgerAccount, LedgerTransaction } from './ledger/Ledger';
export { SettlementDetail } from './money/SettlementDetail';
export { Settlements } from './money/Settlements';
export { StatementList } from './money/StatementList';
export { TopUps } from './money/TopUps';
export { NicheDetail } from './niches/NicheDetail';
export { NicheList } from './niches/NicheList';
export { OfferDetail } from './offers/OfferDetail';
export { OfferList } from './offers/OfferList';
export { OrganizationDetail } from './organizations/OrganizationDetail';
export { OrganizationList } from './organizations/OrganizationList';
export { SourceDetail, SourceList } from './sources/SourcePages';
