import { UserErrorFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';

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
