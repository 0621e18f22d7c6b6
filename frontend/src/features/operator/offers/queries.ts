import { NicheFieldFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { termsFragment } from '../../buyer/offers/documents';

export const OffersQuery = graphql(
  `
    query OperatorOffers(
      $state: OfferState
      $nicheId: ID
      $buyerId: ID
      $first: Int
      $after: String
    ) {
      offers(state: $state, nicheId: $nicheId, buyerId: $buyerId, first: $first, after: $after) {
        nodes {
          id
          name
          state
          exhausted
          unfunded
          buyer {
            id
            name
          }
          niche {
            id
            name {
              en
              ru
            }
          }
          updatedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

const VersionFields = graphql(
  `
    fragment VersionFields on OfferVersion @_unmask {
      id
      version
      state
      createdAt
      submittedAt
      decidedAt
      effectiveAt
      note
      diff {
        path
        before
        after
      }
      terms {
        ...TermsFields
      }
    }
  `,
  [termsFragment],
);

export type Version = ResultOf<typeof VersionFields>;

const OfferNicheFields = graphql(
  `
    fragment OfferNicheFields on Niche @_unmask {
      id
      name {
        en
        ru
      }
      currency
      version {
        id
        fields {
          ...NicheFieldFields
        }
      }
    }
  `,
  [NicheFieldFields],
);

export const OfferQuery = graphql(
  `
    query OperatorOffer($id: ID!) {
      offer(id: $id) {
        id
        name
        state
        pauseReason
        connectTo
        exhausted
        unfunded
        buyer {
          id
          name
          state
        }
        niche {
          ...OfferNicheFields
        }
        current {
          id
        }
        versions {
          ...VersionFields
        }
        createdAt
        updatedAt
      }
    }
  `,
  [VersionFields, OfferNicheFields],
);

export const ReviewQueueQuery = graphql(
  `
    query OffersInReview($first: Int, $after: String) {
      offersInReview(first: $first, after: $after) {
        nodes {
          ...VersionFields
          offer {
            id
            name
            buyer {
              id
              name
            }
            niche {
              ...OfferNicheFields
            }
          }
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [VersionFields, OfferNicheFields, PageFields],
);

export const ReviewOffer = graphql(
  `
    mutation ReviewOffer($input: ReviewOfferInput!) {
      reviewOffer(input: $input) {
        offer {
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
