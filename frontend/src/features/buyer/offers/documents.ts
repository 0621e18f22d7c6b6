import { graphql } from '../../../lib/graphql';
import { MoneyFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { nicheFragment } from '../../market/niche';

export const termsFragment = graphql(
  `
    fragment TermsFields on OfferTerms @_unmask {
      goals {
        kind
        price {
          ...MoneyFields
        }
        percent {
          bps
          min {
            ...MoneyFields
          }
          max {
            ...MoneyFields
          }
        }
        attributionWindowS
        reserveBps
        minCallSeconds
        repeatCallerWindowS
        callsAtOnce
        several
      }
      caps {
        period
        count
        money {
          ...MoneyFields
        }
      }
      publisherCaps {
        period
        count
        money {
          ...MoneyFields
        }
      }
      overCap
      pacing
      mode
      schedule {
        timeZone
        windows {
          days
          fromMinute
          toMinute
          count
          money {
            ...MoneyFields
          }
        }
        holidays
      }
      conditions
      minScore
      maxSales
      sharedPrices {
        copies
        price {
          ...MoneyFields
        }
      }
      dedupeWindowS
      returnWindowS
      holdS
      lockS
      maxReturnShareBps
      visibility
      priority
      description
    }
  `,
  [MoneyFields],
);

export const versionFragment = graphql(
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
      terms {
        ...TermsFields
      }
      diff {
        path
        before
        after
      }
    }
  `,
  [termsFragment],
);

/** What a list shows of a version: which it is, and what it pays. */
const pricesFragment = graphql(
  `
    fragment PriceFields on OfferVersion @_unmask {
      id
      version
      state
      terms {
        goals {
          kind
          price {
            ...MoneyFields
          }
          percent {
            bps
            min {
              ...MoneyFields
            }
            max {
              ...MoneyFields
            }
          }
        }
      }
    }
  `,
  [MoneyFields],
);

export const offersQuery = graphql(
  `
    query BuyerOffers($state: OfferState, $first: Int, $after: String) {
      offers(state: $state, first: $first, after: $after) {
        nodes {
          id
          name
          state
          pauseReason
          exhausted
          unfunded
          updatedAt
          niche {
            id
            name {
              en
              ru
            }
          }
          current {
            ...PriceFields
          }
          draft {
            ...PriceFields
          }
          usage {
            dayCount
            totalCount
            totalMoney {
              ...MoneyFields
            }
          }
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields, pricesFragment],
);

export const offerQuery = graphql(
  `
    query BuyerOffer($id: ID!) {
      offer(id: $id) {
        id
        name
        state
        pauseReason
        exhausted
        unfunded
        coverageBps
        connectTo
        createdAt
        updatedAt
        niche {
          ...NicheRulesFields
        }
        current {
          ...VersionFields
        }
        draft {
          ...VersionFields
        }
        versions {
          ...VersionFields
        }
        usage {
          hourCount
          dayCount
          weekCount
          monthCount
          totalCount
          hourMoney {
            ...MoneyFields
          }
          dayMoney {
            ...MoneyFields
          }
          weekMoney {
            ...MoneyFields
          }
          monthMoney {
            ...MoneyFields
          }
          totalMoney {
            ...MoneyFields
          }
          returnShareBps
        }
      }
    }
  `,
  [nicheFragment, versionFragment, MoneyFields],
);

export const nichesQuery = graphql(
  `
    query NichesForOffers {
      niches {
        ...NicheRulesFields
      }
      viewer {
        organization {
          id
          timeZone
        }
      }
    }
  `,
  [nicheFragment],
);

export const createOffer = graphql(
  `
    mutation CreateOffer($input: CreateOfferInput!) {
      createOffer(input: $input) {
        offer {
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

export const reviseOffer = graphql(
  `
    mutation ReviseOffer($input: ReviseOfferInput!) {
      reviseOffer(input: $input) {
        offer {
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

export const submitOffer = graphql(
  `
    mutation SubmitOffer($input: SubmitOfferInput!) {
      submitOffer(input: $input) {
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

export const pauseOffer = graphql(
  `
    mutation PauseOffer($input: PauseOfferInput!) {
      pauseOffer(input: $input) {
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

export const resumeOffer = graphql(
  `
    mutation ResumeOffer($input: ResumeOfferInput!) {
      resumeOffer(input: $input) {
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

export const closeOffer = graphql(
  `
    mutation CloseOffer($input: CloseOfferInput!) {
      closeOffer(input: $input) {
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

export const participationsQuery = graphql(
  `
    query OfferParticipations(
      $offerId: ID
      $state: ParticipationState
      $first: Int
      $after: String
    ) {
      participations(offerId: $offerId, state: $state, first: $first, after: $after) {
        nodes {
          id
          offerId
          offerName
          state
          message
          note
          createdAt
          decidedAt
          price {
            ...MoneyFields
          }
          niche {
            id
            currency
          }
          publisher {
            id
            name
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

export const decideParticipation = graphql(
  `
    mutation DecideParticipation($input: DecideParticipationInput!) {
      decideParticipation(input: $input) {
        participation {
          id
          state
          price {
            ...MoneyFields
          }
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [MoneyFields, UserErrorFields],
);

export const inviteToOffer = graphql(
  `
    mutation InviteToOffer($input: InviteToOfferInput!) {
      inviteToOffer(input: $input) {
        participation {
          id
          state
          price {
            ...MoneyFields
          }
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [MoneyFields, UserErrorFields],
);
