import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { useCan, useViewer } from '../../app/session';
import { SimpleTable } from '../../components/DataTable';
import { FieldsTable } from '../../components/FieldsTable';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Actor, Deadline, MoneyText, useLocalized, When } from '../../components/text';
import { MoneyFields, NicheFieldFields, UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { shortId } from '../../lib/ids';
import { isSoon, usePolling } from '../../lib/use-polling';
import { useRouteId } from '../../lib/use-route-id';
import { useRead } from '../../lib/use-read';
import { Deliveries } from './Deliveries';
import { Explanations, explanationFields } from './Explanations';
import { DispositionSelect, ReturnButton } from './award-actions';
import { ClaimMissing } from './claims';
import { ReportOutcome } from './outcomes';

const AwardQuery = graphql(
  `
    query AwardPage($id: ID!) {
      award(id: $id) {
        id
        lead {
          id
          score
          temperature
        }
        offer {
          id
        }
        offerName
        offerVersion
        niche {
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
            returnReasons {
              code
              label {
                en
                ru
              }
              commentRequired
            }
          }
        }
        copyNo
        state
        price {
          ...MoneyFields
        }
        earning {
          ...MoneyFields
        }
        disposition
        dispositionHistory {
          value
          actor
          at
        }
        whyThisPrice {
          ...ExplanationFields
        }
        openedAt
        createdAt
        returnable
        returnUntil
        fields
        conversions {
          id
          goal
          state
          price {
            ...MoneyFields
          }
          earning {
            ...MoneyFields
          }
          returnUntil
          holdUntil
          dispute {
            id
            state
          }
        }
        deliveries {
          id
          endpointUrl
          state
          nextAt
          lastError
          createdAt
          deliveredAt
          attempts {
            n
            at
            status
            error
            durationMs
          }
        }
      }
    }
  `,
  [MoneyFields, NicheFieldFields, explanationFields],
);

export type Award = NonNullable<ResultOf<typeof AwardQuery>['award']>;

const OpenAward = graphql(
  `
    mutation OpenAward($input: OpenAwardInput!) {
      openAward(input: $input) {
        award {
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

function Conversions({ award, buyer }: { award: Award; buyer: boolean }) {
  const { t } = useTranslation();
  const can = useCan();
  if (award.conversions.length === 0) return <EmptyState title={t('shared.noConversions')} />;
  return (
    <SimpleTable
      rows={award.conversions}
      rowKey={(row) => row.id}
      columns={[
        { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
        { id: 'goal', header: t('shared.goal'), cell: (row) => t(`enums.GoalKind.${row.goal}`) },
        {
          id: 'state',
          header: t('common.state'),
          cell: (row) => <StatusBadge of="ConversionState" value={row.state} />,
        },
        {
          id: 'money',
          header: buyer || award.price !== null ? t('shared.price') : t('shared.earning'),
          align: 'right',
          cell: (row) => <MoneyText money={row.price ?? row.earning} />,
        },
        {
          id: 'until',
          header: t('shared.returnUntil'),
          cell: (row) => <Deadline at={row.returnUntil} />,
        },
        {
          id: 'dispute',
          header: t('shared.dispute'),
          cell: (row) =>
            row.dispute === null ? (
              buyer && award.returnable && can('OPEN_RETURNS') && row.state === 'HELD' ? (
                <ReturnButton conversionId={row.id} reasons={award.niche.version.returnReasons} />
              ) : (
                '–'
              )
            ) : (
              <>
                <IdLink id={row.dispute.id} />{' '}
                <StatusBadge of="DisputeState" value={row.dispute.state} />
              </>
            ),
        },
      ]}
    />
  );
}

/** One sale of a lead: contact data for its buyer, what came of it, and how it was delivered. */
export function AwardPage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const localized = useLocalized();
  const client = useClient();
  const viewer = useViewer();
  const can = useCan();
  const buyer = viewer.organization.kind === 'BUYER';
  const read = useRead(AwardQuery, { id });
  const award = read.data?.award;
  const waits = award?.deliveries.some((each) => each.state === 'PENDING' && isSoon(each.nextAt));
  usePolling(waits ?? false, read.reload);
  const unopened = buyer && can('REPORT_OUTCOMES') && award != null && award.openedAt === null;

  useEffect(() => {
    if (unopened) void client.mutation(OpenAward, { input: { awardId: id } }).toPromise();
  }, [client, id, unopened]);

  return (
    <ReadState read={read} pick={(data) => data.award}>
      {(award) => (
        <Page
          title={`${t('shared.award')} ${shortId(award.id)}`}
          badge={<StatusBadge of="AwardState" value={award.state} />}
          actions={
            buyer && can('REPORT_OUTCOMES') ? (
              <>
                <DispositionSelect awardId={award.id} value={award.disposition} />
                <ReportOutcome awardId={award.id} currency={award.niche.currency} />
              </>
            ) : viewer.organization.kind === 'PUBLISHER' && can('ANSWER_DISPUTES') ? (
              <ClaimMissing awardId={award.id} currency={award.niche.currency} />
            ) : null
          }
        >
          <Section>
            <Facts
              cols={4}
              facts={[
                { label: t('common.id'), value: <Copyable value={award.id} /> },
                { label: t('shared.lead'), value: <IdLink id={award.lead.id} /> },
                {
                  label: t('shared.offer'),
                  value: (
                    <>
                      {award.offer === null ? (
                        award.offerName
                      ) : (
                        <IdLink id={award.offer.id}>{award.offerName}</IdLink>
                      )}{' '}
                      · {t('shared.versionN', { n: award.offerVersion })}
                    </>
                  ),
                },
                {
                  label: t('shared.niche'),
                  value: <IdLink id={award.niche.id}>{localized(award.niche.name)}</IdLink>,
                },
                {
                  label: t('shared.score'),
                  value: (
                    <>
                      {award.lead.score}{' '}
                      <StatusBadge of="Temperature" value={award.lead.temperature} />
                    </>
                  ),
                },
                { label: t('shared.copyNo'), value: award.copyNo },
                award.price !== null && {
                  label: t('shared.price'),
                  value: <MoneyText money={award.price} />,
                },
                award.earning !== null && {
                  label: t('shared.earning'),
                  value: <MoneyText money={award.earning} />,
                },
                {
                  label: t('shared.disposition'),
                  value: <StatusBadge of="Disposition" value={award.disposition} />,
                },
                { label: t('common.created'), value: <When at={award.createdAt} /> },
                { label: t('shared.opened'), value: <When at={award.openedAt} /> },
                { label: t('shared.returnUntil'), value: <Deadline at={award.returnUntil} /> },
              ]}
            />
          </Section>
          <Section title={t('shared.fields')}>
            <FieldsTable fields={award.fields} specs={award.niche.version.fields} />
          </Section>
          <Section title={t('shared.explain.whyTitle')}>
            <Explanations list={award.whyThisPrice} fields={award.niche.version.fields} />
          </Section>
          <Section title={t('shared.conversions')}>
            <Conversions award={award} buyer={buyer} />
          </Section>
          <Section title={t('shared.dispositionHistory')}>
            {award.dispositionHistory.length === 0 ? (
              <EmptyState />
            ) : (
              <SimpleTable
                rows={award.dispositionHistory}
                rowKey={(row) => `${row.at} ${row.value}`}
                columns={[
                  {
                    id: 'value',
                    header: t('shared.disposition'),
                    cell: (row) => <StatusBadge of="Disposition" value={row.value} />,
                  },
                  {
                    id: 'actor',
                    header: t('common.actor'),
                    cell: (row) => <Actor name={row.actor} />,
                  },
                  { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
                ]}
              />
            )}
          </Section>
          {viewer.organization.kind !== 'PUBLISHER' && (
            <Deliveries deliveries={award.deliveries} replayable={buyer && can('MANAGE_OFFERS')} />
          )}
        </Page>
      )}
    </ReadState>
  );
}
