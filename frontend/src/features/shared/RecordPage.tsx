import { useTranslation } from 'react-i18next';
import { Facts, Page, Section, type Fact } from '../../components/layout';
import { LinkedText } from '../../components/LinkedText';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { StatusBadge } from '../../components/StatusBadge';
import { Actor, MoneyText, useWord, When } from '../../components/text';
import { MoneyFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { idPrefix, shortId } from '../../lib/ids';
import { useRead } from '../../lib/use-read';
import { useRouteId } from '../../lib/use-route-id';
import { deliveryError } from './deliveryErrors';

const RecordQuery = graphql(
  `
    query Record($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Payout {
          amount {
            ...MoneyFields
          }
          rail
          payoutState: state
          reference
          exportedAt
          resolvedAt
        }
        ... on TopUp {
          amount {
            ...MoneyFields
          }
          rail
          topUpReference: reference
          topUpNote: note
          recordedBy
          at
          buyer {
            id
            name
          }
        }
        ... on OfferVersion {
          version
          versionState: state
          offer {
            id
            name
          }
          createdAt
          decidedAt
          effectiveAt
          note
        }
        ... on Participation {
          offerId
          offerName
          publisher {
            id
            name
          }
          participationState: state
          message
          note
          createdAt
          decidedAt
        }
        ... on User {
          email
          name
        }
        ... on ApiKey {
          name
          prefix
          role
          scopes
          createdAt
          lastUsedAt
          revokedAt
        }
        ... on LedgerAccount {
          code
          accountKind: kind
          balance {
            ...MoneyFields
          }
        }
        ... on Endpoint {
          url
          endpointOffer: offerId
          endpointState: state
          failingSince
          createdAt
        }
        ... on Delivery {
          awardId
          endpointUrl
          deliveryState: state
          lastError
          nextAt
          createdAt
          deliveredAt
        }
      }
    }
  `,
  [MoneyFields],
);

type RecordNode = NonNullable<ResultOf<typeof RecordQuery>['node']>;

/** What each kind of record says about itself; null for kinds that have a page of their own. */
function useFacts(): (record: RecordNode) => { title: string; facts: (Fact | false)[] } | null {
  const { t } = useTranslation();
  const word = useWord();
  const when = (label: string, at: string | null): Fact => ({ label, value: <When at={at} /> });
  const text = (label: string, value: string | null): Fact | false =>
    value !== null && value !== '' && { label, value };
  return (record) => {
    switch (record.__typename) {
      case 'Payout':
        return {
          title: t('shared.records.payout'),
          facts: [
            { label: t('common.amount'), value: <MoneyText money={record.amount} /> },
            {
              label: t('common.state'),
              value: <StatusBadge of="PayoutState" value={record.payoutState} />,
            },
            text(t('shared.rail'), word('rails', record.rail)),
            text(t('shared.reference'), record.reference),
            when(t('shared.records.exportedAt'), record.exportedAt),
            when(t('shared.resolvedAt'), record.resolvedAt),
          ],
        };
      case 'TopUp':
        return {
          title: t('shared.records.topUp'),
          facts: [
            { label: t('common.amount'), value: <MoneyText money={record.amount} /> },
            {
              label: t('shared.buyer'),
              value: <IdLink id={record.buyer.id}>{record.buyer.name}</IdLink>,
            },
            text(t('shared.rail'), word('rails', record.rail)),
            text(t('shared.reference'), record.topUpReference),
            text(t('common.note'), record.topUpNote),
            { label: t('common.actor'), value: <Actor name={record.recordedBy} /> },
            when(t('common.at'), record.at),
          ],
        };
      case 'OfferVersion':
        return {
          title: `${record.offer.name} · ${t('shared.versionN', { n: record.version })}`,
          facts: [
            {
              label: t('shared.offer'),
              value: <IdLink id={record.offer.id}>{record.offer.name}</IdLink>,
            },
            {
              label: t('common.state'),
              value: <StatusBadge of="OfferVersionState" value={record.versionState} />,
            },
            when(t('common.created'), record.createdAt),
            when(t('common.decided'), record.decidedAt),
            when(t('shared.records.effectiveAt'), record.effectiveAt),
            text(t('common.note'), record.note),
          ],
        };
      case 'Participation':
        return {
          title: t('shared.records.participation'),
          facts: [
            {
              label: t('shared.offer'),
              value: <IdLink id={record.offerId}>{record.offerName}</IdLink>,
            },
            {
              label: t('shared.publisher'),
              value: <IdLink id={record.publisher.id}>{record.publisher.name}</IdLink>,
            },
            {
              label: t('common.state'),
              value: <StatusBadge of="ParticipationState" value={record.participationState} />,
            },
            text(t('common.comment'), record.message),
            text(t('common.note'), record.note),
            when(t('common.created'), record.createdAt),
            when(t('common.decided'), record.decidedAt),
          ],
        };
      case 'User':
        return {
          title: record.name,
          facts: [text(t('common.name'), record.name), text(t('auth.email'), record.email)],
        };
      case 'ApiKey':
        return {
          title: `${t('shared.records.apiKey')} ${record.name}`,
          facts: [
            { label: t('shared.records.prefix'), value: <code>{record.prefix}…</code> },
            { label: t('shared.records.role'), value: t(`enums.Role.${record.role}`) },
            text(t('shared.records.scopes'), record.scopes.join(', ')),
            when(t('common.created'), record.createdAt),
            when(t('shared.records.lastUsedAt'), record.lastUsedAt),
            when(t('shared.records.revokedAt'), record.revokedAt),
          ],
        };
      case 'LedgerAccount':
        return {
          title: t('shared.records.account'),
          facts: [
            { label: t('shared.records.code'), value: <LinkedText text={record.code} /> },
            text(t('common.kind'), record.accountKind),
            { label: t('shared.records.balance'), value: <MoneyText money={record.balance} /> },
          ],
        };
      case 'Endpoint':
        return {
          title: t('shared.endpoint'),
          facts: [
            { label: t('shared.endpoint'), value: <code>{record.url}</code> },
            {
              label: t('common.state'),
              value: <StatusBadge of="EndpointState" value={record.endpointState} />,
            },
            record.endpointOffer !== null && {
              label: t('shared.offer'),
              value: <IdLink id={record.endpointOffer} />,
            },
            when(t('common.created'), record.createdAt),
            when(t('shared.records.failingSince'), record.failingSince),
          ],
        };
      case 'Delivery':
        return {
          title: t('shared.records.delivery'),
          facts: [
            { label: t('shared.award'), value: <IdLink id={record.awardId} /> },
            { label: t('shared.endpoint'), value: <code>{record.endpointUrl}</code> },
            {
              label: t('common.state'),
              value: <StatusBadge of="DeliveryState" value={record.deliveryState} />,
            },
            record.lastError !== null && {
              label: t('shared.records.lastError'),
              value: deliveryError(record.lastError, t),
            },
            when(t('shared.nextAttempt'), record.nextAt),
            when(t('common.created'), record.createdAt),
            when(t('shared.records.deliveredAt'), record.deliveredAt),
          ],
        };
      default:
        return null;
    }
  };
}

/** Small nouns that have no screen of their own, so that every id leads somewhere. */
export function RecordPage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const factsOf = useFacts();
  const read = useRead(RecordQuery, { id });
  // Whoever acted on the other side is named by id only: the exchange shows no more of them.
  const stranger =
    idPrefix(id) === 'usr'
      ? {
          title: t('shared.records.member'),
          facts: [{ label: t('common.name'), value: t('shared.records.stranger') }],
        }
      : null;
  return (
    <ReadState read={read} pick={(data) => (data.node == null ? stranger : factsOf(data.node))}>
      {({ title, facts }) => (
        <Page title={title === '' ? shortId(id) : title}>
          <Section>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={id} /> },
                ...facts.map((fact) => (fact === false ? null : fact)),
              ]}
            />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}
