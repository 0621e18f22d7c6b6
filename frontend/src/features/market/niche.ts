import { NicheFieldFields } from '../../lib/fragments';
import { graphql, type FragmentOf } from '../../lib/graphql';
import { minorToText } from './money';

/** What screens need of a niche to show or edit terms and leads. */
export const nicheFragment = graphql(
  `
    fragment NicheRulesFields on Niche @_unmask {
      id
      slug
      name {
        en
        ru
      }
      currency
      version {
        id
        version
        policy
        fields {
          ...NicheFieldFields
        }
        returnReasons {
          code
          label {
            en
            ru
          }
          commentRequired
        }
      }
    }
  `,
  [NicheFieldFields],
);

export type NicheShown = FragmentOf<typeof nicheFragment>;

function policyNumber(policy: unknown, name: string): number | null {
  if (typeof policy !== 'object' || policy === null) return null;
  const value = (policy as Record<string, unknown>)[name];
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null;
}

/** The part of the niche's policy that terms must respect. */
export function rulesOf(niche: NicheShown) {
  const floor = policyNumber(niche.version.policy, 'price_floor');
  return {
    currency: niche.currency,
    fields: niche.version.fields,
    priceFloorMinor: floor === null ? null : String(floor),
    priceFloorText: floor === null ? '' : minorToText(String(floor), niche.currency),
    maxReturnWindowS: policyNumber(niche.version.policy, 'max_return_window_s'),
    disputeS:
      (policyNumber(niche.version.policy, 'dispute_answer_s') ?? 0) +
      (policyNumber(niche.version.policy, 'dispute_decide_s') ?? 0),
  };
}
