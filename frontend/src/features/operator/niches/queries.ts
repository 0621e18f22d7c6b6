import { NicheFieldFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';

export const NichesQuery = graphql(`
  query OperatorNiches {
    niches {
      id
      slug
      name {
        en
        ru
      }
      currency
      state
      version {
        id
        version
        createdAt
      }
    }
  }
`);

export const NicheQuery = graphql(
  `
    query OperatorNiche($id: ID!) {
      niche(id: $id) {
        id
        slug
        name {
          en
          ru
        }
        currency
        state
        version {
          id
          version
          schema
          policy
          createdAt
          fields {
            ...NicheFieldFields
          }
          returnReasons {
            code
            label {
              en
              ru
            }
            commentRequired
          }
        }
        versions {
          id
          version
          createdAt
        }
      }
    }
  `,
  [NicheFieldFields],
);

export type Niche = NonNullable<ResultOf<typeof NicheQuery>['niche']>;

export const InstallNichePack = graphql(
  `
    mutation InstallNichePack($input: InstallNichePackInput!) {
      installNichePack(input: $input) {
        niche {
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

export const PublishNicheVersion = graphql(
  `
    mutation PublishNicheVersion($input: PublishNicheVersionInput!) {
      publishNicheVersion(input: $input) {
        niche {
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
