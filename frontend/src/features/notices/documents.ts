import { PageFields, UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';

export const PostbacksQuery = graphql(`
  query PublisherPostbacks {
    publisherPostbacks {
      id
      name
      url
      method
      events
      source {
        id
        name
      }
      state
      failingSince
      createdAt
    }
  }
`);

export type Postback = ResultOf<typeof PostbacksQuery>['publisherPostbacks'][number];

export const MacrosQuery = graphql(`
  query PostbackMacros {
    postbackMacros {
      name
      about {
        en
        ru
      }
      example
    }
  }
`);

export const NoticesQuery = graphql(
  `
    query Notices(
      $postbackId: ID
      $leadId: ID
      $state: DeliveryState
      $first: Int
      $after: String
    ) {
      notices(
        postbackId: $postbackId
        leadId: $leadId
        state: $state
        first: $first
        after: $after
      ) {
        nodes {
          id
          eventId
          event
          postbackId
          lead {
            id
          }
          conversionId
          state
          attempts {
            n
            at
            status
            error
            durationMs
          }
          nextAt
          lastError
          happenedAt
          deliveredAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

export type Notice = ResultOf<typeof NoticesQuery>['notices']['nodes'][number];

export const CreatePostback = graphql(
  `
    mutation CreatePublisherPostback($input: CreatePublisherPostbackInput!) {
      createPublisherPostback(input: $input) {
        postback {
          id
        }
        secret
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

export const UpdatePostback = graphql(
  `
    mutation UpdatePublisherPostback($input: UpdatePublisherPostbackInput!) {
      updatePublisherPostback(input: $input) {
        postback {
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

export const PausePostback = graphql(
  `
    mutation SetPublisherPostbackPaused($input: SetPublisherPostbackPausedInput!) {
      setPublisherPostbackPaused(input: $input) {
        postback {
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

export const DeletePostback = graphql(
  `
    mutation DeletePublisherPostback($input: DeletePublisherPostbackInput!) {
      deletePublisherPostback(input: $input) {
        postback {
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

export const TestPostback = graphql(
  `
    mutation TestPostback($input: TestPostbackInput!) {
      testPostback(input: $input) {
        notice {
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

export const ReplayNotice = graphql(
  `
    mutation ReplayNotice($input: ReplayNoticeInput!) {
      replayNotice(input: $input) {
        notice {
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
