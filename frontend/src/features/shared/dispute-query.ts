import { MoneyFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';

export const DisputeQuery = graphql(
  `
    query DisputePage($id: ID!) {
      dispute(id: $id) {
        id
        kind
        state
        reasonCode
        reasonLabel {
          en
          ru
        }
        claimedBps
        decidedBps
        awardId
        offerId
        claim {
          goal
          amount {
            ...MoneyFields
          }
          decidedAmount {
            ...MoneyFields
          }
          occurredAt
        }
        conversion {
          id
          goal
          state
        }
        leadId
        offerName
        buyer {
          id
          name
        }
        publisher {
          id
          name
        }
        amount {
          ...MoneyFields
        }
        answerBy
        decideBy
        lockAt
        openedAt
        resolvedAt
        events {
          seq
          code
          actor
          organizationKind
          comment
          at
        }
      }
    }
  `,
  [MoneyFields],
);

export type Dispute = NonNullable<ResultOf<typeof DisputeQuery>['dispute']>;

/** A dispute that still waits for somebody. */
export function isOpen(dispute: Pick<Dispute, 'state'>): boolean {
  return dispute.state === 'OPEN' || dispute.state === 'CONTESTED';
}

/** A buyer's claim on a conversion: the publisher answers. */
export function isReturn(dispute: Pick<Dispute, 'kind'>): boolean {
  return dispute.kind === 'RETURN';
}

/** A publisher's claim that an event was not reported: the buyer answers. */
export function isClaim(dispute: Pick<Dispute, 'kind'>): boolean {
  return dispute.kind === 'MISSING_CONVERSION';
}
