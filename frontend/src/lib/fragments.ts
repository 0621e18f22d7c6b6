import { graphql } from './graphql';

/** An amount as every surface carries it. */
export const MoneyFields = graphql(`
  fragment MoneyFields on Money @_unmask {
    minor
    currency
    decimal
  }
`);

export const UserErrorFields = graphql(`
  fragment UserErrorFields on UserError @_unmask {
    code
    field
    message
  }
`);

export const PageFields = graphql(`
  fragment PageFields on PageInfo @_unmask {
    hasNextPage
    endCursor
  }
`);

/** What is needed to show a niche's fields with their labels. */
export const NicheFieldFields = graphql(`
  fragment NicheFieldFields on NicheField @_unmask {
    name
    label {
      en
      ru
    }
    kind
    type
    required
    pii
    sensitive
    ping
    options {
      value
      label {
        en
        ru
      }
    }
  }
`);
