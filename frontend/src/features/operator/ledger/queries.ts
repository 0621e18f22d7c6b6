import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';

export const SummaryQuery = graphql(
  `
    query LedgerSummary {
      ledgerSummary {
        currency
        buyerFunds {
          ...MoneyFields
        }
        reserved {
          ...MoneyFields
        }
        publisherHeld {
          ...MoneyFields
        }
        publisherPayable {
          ...MoneyFields
        }
        feesHeld {
          ...MoneyFields
        }
        fees {
          ...MoneyFields
        }
        owed {
          ...MoneyFields
        }
        balanced
      }
    }
  `,
  [MoneyFields],
);

export const AccountsQuery = graphql(
  `
    query LedgerAccounts($prefix: String, $first: Int, $after: String) {
      ledgerAccounts(prefix: $prefix, first: $first, after: $after) {
        nodes {
          id
          code
          kind
          owner {
            id
            name
          }
          balance {
            ...MoneyFields
          }
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

export const AccountQuery = graphql(
  `
    query LedgerAccountPage($id: ID!) {
      ledgerAccount(id: $id) {
        id
        code
        kind
        currency
        owner {
          id
          name
        }
        balance {
          ...MoneyFields
        }
      }
    }
  `,
  [MoneyFields],
);

export const EntriesQuery = graphql(
  `
    query LedgerEntries($id: ID!, $first: Int, $after: String) {
      ledgerAccount(id: $id) {
        id
        entries(first: $first, after: $after) {
          nodes {
            transactionId
            kind
            cause
            amount {
              ...MoneyFields
            }
            balance {
              ...MoneyFields
            }
            at
          }
          pageInfo {
            ...PageFields
          }
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

export const TransactionQuery = graphql(
  `
    query LedgerTransactionPage($id: ID!) {
      ledgerTransaction(id: $id) {
        id
        kind
        cause
        at
        postings {
          accountId
          accountCode
          amount {
            ...MoneyFields
          }
        }
      }
    }
  `,
  [MoneyFields],
);
