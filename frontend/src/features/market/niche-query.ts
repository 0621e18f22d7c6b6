import { NicheFieldFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';

/** What one version of a niche asks of leads and grants to those who trade them. */
const NicheVersionParts = graphql(
  `
    fragment NicheVersionParts on NicheVersion @_unmask {
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
  `,
  [NicheFieldFields],
);

/** A niche, its version in force, and which versions there were. */
export const NicheQuery = graphql(
  `
    query Niche($id: ID!) {
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
          ...NicheVersionParts
        }
        versions {
          id
          version
          createdAt
        }
      }
    }
  `,
  [NicheVersionParts],
);

export type Niche = NonNullable<ResultOf<typeof NicheQuery>['niche']>;

/** All versions of a niche, with everything in them. */
export const NicheVersionsQuery = graphql(
  `
    query NicheVersions($id: ID!) {
      niche(id: $id) {
        id
        name {
          en
          ru
        }
        currency
        version {
          id
        }
        versions {
          ...NicheVersionParts
        }
      }
    }
  `,
  [NicheVersionParts],
);
