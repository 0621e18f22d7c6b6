import { MoneyFields, NicheFieldFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { explanationFields } from '../../shared/Explanations';
import { traceFields } from '../../shared/BidLog';

const SourceFields = graphql(
  `
    fragment OperatorSourceFields on Source @_unmask {
      id
      name
      kind
      traffic
      niche {
        id
        name {
          en
          ru
        }
      }
      publisher {
        id
        name
        state
      }
      targetOffer {
        id
        name
      }
      maxSales
      minEarning {
        ...MoneyFields
      }
      state
      postingKeyPrefix
      note
      createdAt
      decidedAt
    }
  `,
  [MoneyFields],
);

export type Source = ResultOf<typeof SourceFields>;

export const SourcesQuery = graphql(
  `
    query OperatorSources($state: SourceState, $first: Int, $after: String) {
      sources(state: $state, first: $first, after: $after) {
        nodes {
          ...OperatorSourceFields
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [SourceFields, PageFields],
);

export const SourceQuery = graphql(
  `
    query OperatorSource($id: ID!) {
      source(id: $id) {
        ...OperatorSourceFields
      }
    }
  `,
  [SourceFields],
);

export const DecideSource = graphql(
  `
    mutation DecideSource($input: DecideSourceInput!) {
      decideSource(input: $input) {
        source {
          id
          state
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

export const SimulatedSourceQuery = graphql(
  `
    query SimulatedSource($id: ID!) {
      source(id: $id) {
        id
        name
        postingSpecification
        niche {
          id
          currency
          name {
            en
            ru
          }
          version {
            id
            fields {
              ...NicheFieldFields
            }
          }
        }
      }
    }
  `,
  [NicheFieldFields],
);

export type SimulatedSource = NonNullable<ResultOf<typeof SimulatedSourceQuery>['source']>;

export const SimulateLead = graphql(
  `
    mutation SimulateLead($input: SimulateLeadInput!) {
      simulateLead(input: $input) {
        simulation {
          verdict {
            state
            score
            reasons {
              code
              path
              message
            }
          }
          sales {
            copyNo
            offer {
              id
              name
            }
            price {
              ...MoneyFields
            }
            earning {
              ...MoneyFields
            }
            whyThisPrice {
              ...ExplanationFields
            }
          }
          trace {
            ...TraceFields
          }
          wouldHaveSold {
            ...ExplanationFields
          }
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [MoneyFields, explanationFields, traceFields, UserErrorFields],
);

export type Simulation = NonNullable<ResultOf<typeof SimulateLead>['simulateLead']['simulation']>;
