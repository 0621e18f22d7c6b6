import { MoneyFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';

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
