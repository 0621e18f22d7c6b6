import { Badge, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { StatusBadge } from '../../components/StatusBadge';
import { Deadline, MoneyText, Percent, When } from '../../components/text';
import { MoneyFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { shortId } from '../../lib/ids';
import { useRouteId } from '../../lib/use-route-id';
import { useRead } from '../../lib/use-read';
import { ReportRefund } from './outcomes';

const ConversionQuery = graphql(
  `
    query ConversionPage($id: ID!) {
      conversion(id: $id) {
        id
        awardId
        leadId
        offerId
        offerName
        goal
        externalRef
        amount {
          ...MoneyFields
        }
        refunded {
          ...MoneyFields
        }
        state
        settled
        paid
        unfunded
        price {
          ...MoneyFields
        }
        earning {
          ...MoneyFields
        }
        fee {
          ...MoneyFields
        }
        returnedBps
        returnUntil
        holdUntil
        lockAt
        occurredAt
        createdAt
        dispute {
          id
          state
        }
      }
    }
  `,
  [MoneyFields],
);

/** One billable event with its money and its three fixed instants. */
export function ConversionPage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const viewer = useViewer();
  const can = useCan();
  const buyer = viewer.organization.kind === 'BUYER' && can('REPORT_OUTCOMES');
  const read = useRead(ConversionQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.conversion}>
      {(conversion) => (
        <Page
          title={`${t('shared.conversion')} ${shortId(conversion.id)}`}
          badge={
            <Group gap={6}>
              <StatusBadge of="ConversionState" value={conversion.state} />
              {conversion.unfunded && (
                <Badge color="red" variant="light" tt="none">
                  {t('shared.unfunded')}
                </Badge>
              )}
              {conversion.settled && (
                <Badge color="blue" variant="light" tt="none">
                  {t('shared.settled')}
                </Badge>
              )}
              {conversion.paid && (
                <Badge color="teal" variant="light" tt="none">
                  {t('shared.paid')}
                </Badge>
              )}
            </Group>
          }
          actions={
            buyer && conversion.goal === 'SALE' && conversion.state === 'HELD' ? (
              <ReportRefund
                conversionId={conversion.id}
                currency={conversion.price?.currency ?? ''}
              />
            ) : null
          }
        >
          <Section>
            <Facts
              cols={4}
              facts={[
                { label: t('common.id'), value: <Copyable value={conversion.id} /> },
                { label: t('shared.goal'), value: t(`enums.GoalKind.${conversion.goal}`) },
                {
                  label: t('shared.offer'),
                  value: <IdLink id={conversion.offerId}>{conversion.offerName}</IdLink>,
                },
                { label: t('shared.award'), value: <IdLink id={conversion.awardId} /> },
                { label: t('shared.lead'), value: <IdLink id={conversion.leadId} /> },
                conversion.externalRef !== null && {
                  label: t('shared.externalRef'),
                  value: conversion.externalRef,
                },
                conversion.amount !== null && {
                  label: t('shared.saleAmount'),
                  value: <MoneyText money={conversion.amount} />,
                },
                conversion.refunded !== null && {
                  label: t('shared.refunded'),
                  value: <MoneyText money={conversion.refunded} />,
                },
                conversion.price !== null && {
                  label: t('shared.price'),
                  value: <MoneyText money={conversion.price} />,
                },
                conversion.earning !== null && {
                  label: t('shared.earning'),
                  value: <MoneyText money={conversion.earning} />,
                },
                conversion.fee !== null && {
                  label: t('shared.fee'),
                  value: <MoneyText money={conversion.fee} />,
                },
                conversion.returnedBps > 0 && {
                  label: t('shared.returnedShare'),
                  value: <Percent bps={conversion.returnedBps} />,
                },
                conversion.dispute !== null && {
                  label: t('shared.dispute'),
                  value: (
                    <>
                      <IdLink id={conversion.dispute.id} />{' '}
                      <StatusBadge of="DisputeState" value={conversion.dispute.state} />
                    </>
                  ),
                },
                { label: t('shared.occurred'), value: <When at={conversion.occurredAt} /> },
              ]}
            />
          </Section>
          <Section title={t('shared.clocks')}>
            <Facts
              facts={[
                { label: t('shared.returnUntil'), value: <Deadline at={conversion.returnUntil} /> },
                { label: t('shared.holdUntil'), value: <Deadline at={conversion.holdUntil} /> },
                { label: t('shared.lockAt'), value: <Deadline at={conversion.lockAt} /> },
              ]}
            />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}
