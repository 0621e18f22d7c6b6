import { MoneyFields, PageFields, UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';

/** What a list shows of an order. */
const rowFragment = graphql(
  `
    fragment OrderRow on Order @_unmask {
      id
      state
      offerId
      offerName
      niche {
        id
        name {
          en
          ru
        }
      }
      buyer {
        id
        name
      }
      wanted
      delivered
      claimed
      unclaimed
      released
      price {
        ...MoneyFields
      }
      earning {
        ...MoneyFields
      }
      reserved {
        ...MoneyFields
      }
      claims {
        id
        state
        wanted
        delivered
        deadline
      }
      deadline
    }
  `,
  [MoneyFields],
);

export const ordersQuery = graphql(
  `
    query Orders($state: OrderState, $offerId: ID, $claimed: Boolean, $first: Int, $after: String) {
      orders(state: $state, offerId: $offerId, claimed: $claimed, first: $first, after: $after) {
        nodes {
          ...OrderRow
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields, rowFragment],
);

export type OrderRow = ResultOf<typeof ordersQuery>['orders']['nodes'][number];

export const orderQuery = graphql(
  `
    query Order($id: ID!) {
      order(id: $id) {
        id
        state
        offerId
        offerName
        offerVersionId
        niche {
          id
          name {
            en
            ru
          }
        }
        buyer {
          id
          name
        }
        wanted
        delivered
        claimed
        unclaimed
        released
        price {
          ...MoneyFields
        }
        earning {
          ...MoneyFields
        }
        reserved {
          ...MoneyFields
        }
        spent {
          ...MoneyFields
        }
        givenBack {
          ...MoneyFields
        }
        claims {
          id
          state
          publisher {
            id
            name
          }
          onTime {
            claims
            promised
            delivered
            shareBps
          }
          wanted
          delivered
          awaited
          deadline
          createdAt
          endedAt
        }
        deadline
        createdAt
        endedAt
      }
    }
  `,
  [MoneyFields],
);

export type LoadedOrder = NonNullable<ResultOf<typeof orderQuery>['order']>;
export type OrderClaim = LoadedOrder['claims'][number];

export const onTimeQuery = graphql(`
  query OnTimeShare($publisherId: ID) {
    onTimeShare(publisherId: $publisherId) {
      claims
      promised
      delivered
      shareBps
    }
  }
`);

export type OnTime = NonNullable<ResultOf<typeof onTimeQuery>['onTimeShare']>;

/** The buyer's active offers, with what decides whether they can be ordered. */
export const offersToOrderQuery = graphql(
  `
    query OffersToOrder {
      offers(state: ACTIVE, first: 100) {
        nodes {
          id
          name
          niche {
            id
            currency
          }
          current {
            id
            terms {
              mode
              goals {
                kind
                price {
                  ...MoneyFields
                }
              }
            }
          }
        }
      }
    }
  `,
  [MoneyFields],
);

export const freeMoneyQuery = graphql(
  `
    query FreeMoney {
      wallets {
        currency
        available {
          ...MoneyFields
        }
      }
    }
  `,
  [MoneyFields],
);

export const placeOrder = graphql(
  `
    mutation PlaceOrder($input: PlaceOrderInput!) {
      placeOrder(input: $input) {
        order {
          id
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

export const cancelOrder = graphql(
  `
    mutation CancelOrder($input: CancelOrderInput!) {
      cancelOrder(input: $input) {
        order {
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

export const claimOrder = graphql(
  `
    mutation ClaimOrder($input: ClaimOrderInput!) {
      claimOrder(input: $input) {
        claim {
          id
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

export const releaseClaim = graphql(
  `
    mutation ReleaseClaim($input: ReleaseClaimInput!) {
      releaseClaim(input: $input) {
        claim {
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
