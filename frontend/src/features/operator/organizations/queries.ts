import { MoneyFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';

export const OrganizationsQuery = graphql(
  `
    query Organizations(
      $kind: OrganizationKind
      $state: OrganizationState
      $first: Int
      $after: String
    ) {
      organizations(kind: $kind, state: $state, first: $first, after: $after) {
        nodes {
          id
          name
          kind
          state
          country
          timeZone
          createdAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

export const OrganizationQuery = graphql(`
  query OrganizationPage($id: ID!) {
    organization(id: $id) {
      id
      name
      kind
      state
      country
      timeZone
      createdAt
      decidedAt
      note
      members {
        id
        role
        createdAt
        user {
          id
          name
          email
        }
      }
    }
  }
`);

export type Organization = NonNullable<ResultOf<typeof OrganizationQuery>['organization']>;

export const DecideOrganization = graphql(
  `
    mutation DecideOrganization($input: DecideOrganizationInput!) {
      decideOrganization(input: $input) {
        organization {
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

export const BuyerTopUpsQuery = graphql(
  `
    query BuyerTopUps($buyerId: ID!, $first: Int, $after: String) {
      topUps(buyerId: $buyerId, first: $first, after: $after) {
        nodes {
          id
          amount {
            ...MoneyFields
          }
          rail
          reference
          at
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);
