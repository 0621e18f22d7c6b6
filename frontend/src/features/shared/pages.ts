// The shared pages in one chunk; the start page does without them.
export { AwardPage } from './AwardPage';
export { ConversionPage } from './ConversionPage';
export { DisputePage } from './DisputePage';
export { LeadPage } from './LeadPage';
export { NichePage, NicheVersionPage } from './NichePages';
export { RecordPage } from './RecordPage';
export { StatementPage } from './StatementPage';
