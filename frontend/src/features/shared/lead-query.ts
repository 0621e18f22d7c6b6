import { MoneyFields, NicheFieldFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { traceFields } from './BidLog';
import { explanationFields } from './Explanations';

export const LeadQuery = graphql(
  `
    query LeadPage($id: ID!) {
      lead(id: $id) {
        id
        niche {
          id
          slug
          name {
            en
            ru
          }
          currency
          version {
            id
            fields {
              ...NicheFieldFields
            }
          }
        }
        source {
          id
          name
        }
        publisher {
          id
          name
        }
        state
        reasonCode
        channel
        score
        grade
        intent
        temperature
        scoreReasons {
          name
          label {
            en
            ru
          }
          points
          part
        }
        reasons {
          code
          path
          message
        }
        copies
        fields
        masked
        earning {
          ...MoneyFields
        }
        events {
          seq
          code
          actor
          at
          hash
          evidence
        }
        chainValid
        awards {
          id
          offer {
            id
          }
          offerName
          copyNo
          state
          disposition
          createdAt
          whyThisPrice {
            ...ExplanationFields
          }
          price {
            ...MoneyFields
          }
          earning {
            ...MoneyFields
          }
        }
        trace {
          ...TraceFields
        }
        wouldHaveSold {
          ...ExplanationFields
        }
        supersedes
        receivedAt
        decidedAt
        erasedAt
      }
    }
  `,
  [MoneyFields, NicheFieldFields, explanationFields, traceFields],
);

export type Lead = NonNullable<ResultOf<typeof LeadQuery>['lead']>;
