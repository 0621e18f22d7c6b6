import { MoneyFields, PageFields, UserErrorFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';

export const creditChangesQuery = graphql(
  `
    query CreditChanges($buyerId: ID, $first: Int, $after: String) {
      creditChanges(buyerId: $buyerId, first: $first, after: $after) {
        nodes {
          id
          buyer {
            id
            name
          }
          before {
            ...MoneyFields
          }
          after {
            ...MoneyFields
          }
          note
          decidedBy
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

export const fxConversionsQuery = graphql(
  `
    query FxConversions($buyerId: ID, $first: Int, $after: String) {
      fxConversions(buyerId: $buyerId, first: $first, after: $after) {
        nodes {
          id
          buyer {
            id
            name
          }
          sold {
            ...MoneyFields
          }
          bought {
            ...MoneyFields
          }
          rate
          note
          decidedBy
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

export const ledgerClosesQuery = graphql(`
  query LedgerCloses {
    ledgerCloses {
      id
      closedUntil
      note
      closedBy
      at
    }
  }
`);

/** Whose money may be decided about, and in which currencies the exchange trades. */
export const buyersQuery = graphql(`
  query BuyersOfTheDesk {
    organizations(kind: BUYER, first: 100) {
      nodes {
        id
        name
      }
    }
    niches {
      id
      currency
    }
  }
`);

export const setCreditLimit = graphql(
  `
    mutation SetCreditLimit($input: SetCreditLimitInput!) {
      setCreditLimit(input: $input) {
        change {
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

export const convertMoney = graphql(
  `
    mutation ConvertMoney($input: ConvertMoneyInput!) {
      convertMoney(input: $input) {
        conversion {
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

export const closeLedgerPeriod = graphql(
  `
    mutation CloseLedgerPeriod($input: CloseLedgerPeriodInput!) {
      closeLedgerPeriod(input: $input) {
        close {
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
