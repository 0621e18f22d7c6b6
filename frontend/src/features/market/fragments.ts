import { graphql } from '../../lib/graphql';

export const moneyFragment = graphql(`
  fragment MoneyFields on Money @_unmask {
    minor
    currency
    decimal
  }
`);
