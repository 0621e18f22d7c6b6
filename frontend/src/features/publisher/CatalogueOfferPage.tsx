import { Alert, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { ConfirmButton } from '../../components/ConfirmButton';
import { Facts, Page, Section } from '../../components/layout';
import { ButtonLink, Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { StatusBadge } from '../../components/StatusBadge';
import { MoneyText, Percent, useLocalized, When } from '../../components/text';
import { MoneyFields, NicheFieldFields, UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { ChangeTable } from '../market/ChangeTable';
import { NicheFieldsTable } from '../market/NicheFieldsTable';
import { TermsView } from '../market/TermsView';
import { OrdersOfOffer } from '../orders/OrdersTable';
import { BuyingNow, Measured } from './CataloguePage';

const CatalogueOfferQuery = graphql(
  `
    query CatalogueOffer($id: ID!) {
      catalogueOffer(id: $id) {
        id
        name
        buyerName
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
            fields {
              ...NicheFieldFields
            }
          }
        }
        state
        exhausted
        unfunded
        coverageBps
        measured {
          awards
          approvedBps
          earningPerLead {
            ...MoneyFields
          }
        }
        version
        goals {
          kind
          earning {
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
          minCallSeconds
          repeatCallerWindowS
          several
        }
        sharedEarnings {
          copies
          earning {
            ...MoneyFields
          }
        }
        conditions
        minScore
        maxSales
        schedule {
          timeZone
          windows {
            days
            fromMinute
            toMinute
          }
          holidays
        }
        returnWindowS
        holdS
        lockS
        visibility
        description
        participation {
          id
          state
          message
          note
          createdAt
          decidedAt
          earning {
            ...MoneyFields
          }
        }
        versions {
          version
          effectiveAt
          diff {
            path
            before
            after
          }
        }
        createdAt
      }
    }
  `,
  [MoneyFields, NicheFieldFields],
);

const ApplyToOffer = graphql(
  `
    mutation ApplyToOffer($input: ApplyToOfferInput!) {
      applyToOffer(input: $input) {
        participation {
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

type CatalogueOffer = NonNullable<ResultOf<typeof CatalogueOfferQuery>['catalogueOffer']>;

/** One open offer: what it pays, under which terms, and how to sell to it. */
export function CatalogueOfferPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const text = useLocalized();
  const read = useRead(CatalogueOfferQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.catalogueOffer}>
      {(offer) => (
        <Page
          title={offer.name}
          trail={[{ label: t('publisher.catalogue.title'), to: '/publisher/catalogue' }]}
          badge={
            offer.state === 'ACTIVE' ? (
              <BuyingNow exhausted={offer.exhausted} unfunded={offer.unfunded} />
            ) : (
              <StatusBadge of="OfferState" value={offer.state} />
            )
          }
          actions={<OfferActions offer={offer} />}
        >
          <Access offer={offer} />
          <Section>
            <Facts
              cols={4}
              facts={[
                { label: t('common.id'), value: <Copyable value={offer.id} /> },
                { label: t('enums.OrganizationKind.BUYER'), value: offer.buyerName },
                {
                  label: t('buyer.offer.niche'),
                  value: <IdLink id={offer.niche.id}>{text(offer.niche.name)}</IdLink>,
                },
                { label: t('buyer.offer.version'), value: offer.version },
                {
                  label: t('publisher.catalogue.perLead'),
                  value: <Measured figures={offer.measured} />,
                },
                {
                  label: t('publisher.catalogue.coverage'),
                  value: <Percent bps={offer.coverageBps} />,
                },
              ]}
            />
          </Section>
          <Section title={t('orders.title')}>
            <OrdersOfOffer offerId={offer.id} />
          </Section>
          <Section title={t('buyer.offer.terms')}>
            <TermsView
              terms={{
                ...offer,
                goals: offer.goals.map((goal) => ({ ...goal, amount: goal.earning })),
                sharedAmounts: offer.sharedEarnings.map(({ copies, earning }) => ({
                  copies,
                  amount: earning,
                })),
              }}
              fields={offer.niche.version.fields}
              side="earning"
            />
          </Section>
          {offer.versions.length > 1 && (
            <Section title={t('publisher.catalogue.versions')}>
              <Versions offer={offer} />
            </Section>
          )}
          <Section title={t('publisher.catalogue.fields')}>
            <NicheFieldsTable fields={offer.niche.version.fields} />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}

/** What each version changed for the publisher, newest first. */
function Versions({ offer }: { offer: CatalogueOffer }) {
  const { t } = useTranslation();
  return (
    <Stack>
      {offer.versions.slice(0, -1).map((shown) => (
        <Stack key={shown.version} gap="xs">
          <Group gap="sm">
            <Text fw={500}>
              {t('publisher.catalogue.versionNumber', { version: shown.version })}
            </Text>
            <Text size="sm" c="dimmed">
              <When at={shown.effectiveAt} />
              {shown.version > offer.version && ` · ${t('publisher.catalogue.coming')}`}
            </Text>
          </Group>
          <ChangeTable
            changes={shown.diff}
            fields={offer.niche.version.fields}
            currency={offer.niche.currency}
            side="earning"
          />
        </Stack>
      ))}
    </Stack>
  );
}

function OfferActions({ offer }: { offer: CatalogueOffer }) {
  const { t } = useTranslation();
  const can = useCan();
  const apply = useAction(ApplyToOffer);
  if (!can('MANAGE_SOURCES') || offer.state === 'CLOSED') return null;
  const state = offer.participation?.state;
  const open = offer.visibility === 'PUBLIC' || state === 'APPROVED';
  if (open && state !== 'REVOKED' && state !== 'DECLINED') {
    return (
      <ButtonLink to="/publisher/sources/new" search={{ offer: offer.id }}>
        {t('publisher.catalogue.createSource')}
      </ButtonLink>
    );
  }
  if (state === 'REQUESTED' || state === 'REVOKED') return null;
  return (
    <ConfirmButton
      title={t('publisher.catalogue.applyTitle', { name: offer.name })}
      text={t('publisher.catalogue.applyText')}
      note={{ label: t('publisher.catalogue.message') }}
      confirmLabel={t('publisher.catalogue.apply')}
      problems={apply.problems}
      onOpen={apply.clear}
      onConfirm={async (message) => {
        const outcome = await apply.run({
          offerId: offer.id,
          message: message === '' ? null : message,
        });
        if (outcome.ok) {
          notifications.show({ color: 'teal', message: t('publisher.catalogue.applied') });
        }
        return outcome.ok;
      }}
    >
      {t('publisher.catalogue.apply')}
    </ConfirmButton>
  );
}

const COLORS = { REQUESTED: 'yellow', APPROVED: 'teal', DECLINED: 'red', REVOKED: 'red' } as const;

function Access({ offer }: { offer: CatalogueOffer }) {
  const { t } = useTranslation();
  const participation = offer.participation;
  if (participation === null) {
    return offer.visibility === 'PUBLIC' ? (
      <Alert color="teal">{t('publisher.catalogue.public')}</Alert>
    ) : (
      <Alert color="blue">{t('publisher.catalogue.needsApplication')}</Alert>
    );
  }
  return (
    <Alert
      color={COLORS[participation.state]}
      title={t(`publisher.participation.${participation.state}`)}
    >
      <Stack gap={2}>
        <span>
          <When at={participation.decidedAt ?? participation.createdAt} />
        </span>
        {participation.earning !== null && (
          <span>
            {t('publisher.participation.earning')}: <MoneyText money={participation.earning} />
          </span>
        )}
        {participation.note !== null && <span>{participation.note}</span>}
      </Stack>
    </Alert>
  );
}
