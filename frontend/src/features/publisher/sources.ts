import { MoneyFields, NicheFieldFields, PageFields, UserErrorFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';

export const SourcesQuery = graphql(
  `
    query Sources($state: SourceState, $first: Int, $after: String) {
      sources(state: $state, first: $first, after: $after) {
        nodes {
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
          targetOfferId
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
          createdAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

/** What a publisher set on a hosted form. */
const SourceFormFields = graphql(`
  fragment SourceFormFields on SourceForm @_unmask {
    title {
      en
      ru
    }
    button {
      en
      ru
    }
    thanks {
      en
      ru
    }
    consent {
      en
      ru
    }
    consentVersion
    policyUrl
    redirectUrl
    fileUrl
    sites
    fields
  }
`);

export const SourceQuery = graphql(
  `
    query Source($id: ID!) {
      source(id: $id) {
        id
        name
        kind
        traffic
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
            schema
            fields {
              ...NicheFieldFields
            }
          }
        }
        targetOfferId
        fallback
        fallbackOfferId
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
        form {
          ...SourceFormFields
        }
        linkUrl
        linkParam
        note
        createdAt
        decidedAt
      }
    }
  `,
  [MoneyFields, NicheFieldFields, SourceFormFields],
);

/** What a source can be pointed at. */
export const SourceChoicesQuery = graphql(`
  query SourceChoices {
    niches {
      id
      name {
        en
        ru
      }
      currency
    }
    catalogue(first: 100) {
      nodes {
        id
        name
        buyerName
        visibility
        niche {
          id
        }
        participation {
          id
          state
        }
      }
    }
  }
`);

export const CreateSource = graphql(
  `
    mutation CreateSource($input: CreateSourceInput!) {
      createSource(input: $input) {
        source {
          id
        }
        postingKey
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

export const UpdateSource = graphql(
  `
    mutation UpdateSource($input: UpdateSourceInput!) {
      updateSource(input: $input) {
        source {
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

export const RotatePostingKey = graphql(
  `
    mutation RotatePostingKey($input: RotatePostingKeyInput!) {
      rotatePostingKey(input: $input) {
        source {
          id
          postingKeyPrefix
        }
        postingKey
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

export const SetSourcePaused = graphql(
  `
    mutation SetSourcePaused($input: SetSourcePausedInput!) {
      setSourcePaused(input: $input) {
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

export const SetSourceForm = graphql(
  `
    mutation SetSourceForm($input: SetSourceFormInput!) {
      setSourceForm(input: $input) {
        source {
          id
          form {
            ...SourceFormFields
          }
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [SourceFormFields, UserErrorFields],
);

export const SetSourceLink = graphql(
  `
    mutation SetSourceLink($input: SetSourceLinkInput!) {
      setSourceLink(input: $input) {
        source {
          id
          linkUrl
          linkParam
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);
