import type { FragmentOf } from '../../lib/graphql';
import type { termsFragment } from '../buyer/offers/documents';
import type { ShownTerms } from './TermsView';

/** A buyer's own terms, as the terms table shows them. */
export function shownTerms(terms: FragmentOf<typeof termsFragment>): ShownTerms {
  return {
    ...terms,
    goals: terms.goals.map((goal) => ({ ...goal, amount: goal.price })),
    sharedAmounts: terms.sharedPrices.map(({ copies, price }) => ({ copies, amount: price })),
  };
}
