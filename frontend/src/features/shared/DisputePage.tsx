import { Badge, Card, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Actor, Deadline, MoneyText, Percent, useLocalized, When } from '../../components/text';
import { shortId } from '../../lib/ids';
import { useRouteId } from '../../lib/use-route-id';
import { useRead } from '../../lib/use-read';
import { type Dispute, DisputeQuery, isClaim, isOpen, isReturn } from './dispute-query';
import { AnswerDispute, CommentForm, DecideDispute, WithdrawDispute } from './DisputeActions';

const PARTY_COLORS = { BUYER: 'blue', PUBLISHER: 'grape', OPERATOR: 'cyan' } as const;

function Thread({ events, claim }: { events: Dispute['events']; claim: boolean }) {
  const { t, i18n } = useTranslation();
  const sentence = (code: string) => {
    const key = `shared.${claim ? 'claimEvents' : 'disputeEvents'}.${code}`;
    return i18n.exists(key) ? (t as unknown as (key: string) => string)(key) : code;
  };
  if (events.length === 0) return <EmptyState />;
  return (
    <Stack gap="xs" component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
      {events.map((event) => (
        <Card key={event.seq} withBorder padding="sm" component="li" bg="transparent">
          <Group justify="space-between" gap="xs">
            <Group gap="xs">
              {event.organizationKind !== null && (
                <Badge
                  size="sm"
                  variant="light"
                  tt="none"
                  color={PARTY_COLORS[event.organizationKind]}
                >
                  {t(`enums.OrganizationKind.${event.organizationKind}`)}
                </Badge>
              )}
              <Text size="sm" fw={600}>
                {sentence(event.code)}
              </Text>
              <Text size="xs" c="dimmed">
                <Actor name={event.actor} />
              </Text>
            </Group>
            <Text size="xs" c="dimmed">
              <When at={event.at} />
            </Text>
          </Group>
          {event.comment !== null && event.comment !== '' && (
            <Text size="sm" mt={6} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {event.comment}
            </Text>
          )}
        </Card>
      ))}
    </Stack>
  );
}

/** What the reader's side may do: whoever opened it withdraws, the other side answers. */
function useMay(dispute: Dispute | null | undefined) {
  const { kind } = useViewer().organization;
  const can = useCan();
  if (dispute == null) return { withdraw: false, answer: false };
  const buyer = kind === 'BUYER';
  const publisher = kind === 'PUBLISHER' && can('ANSWER_DISPUTES');
  return {
    withdraw:
      (isReturn(dispute) && buyer && can('OPEN_RETURNS')) || (isClaim(dispute) && publisher),
    answer:
      (isReturn(dispute) && publisher) || (isClaim(dispute) && buyer && can('REPORT_OUTCOMES')),
  };
}

/** A claim on a conversion, as buyer, publisher and operator all see it. */
export function DisputePage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const localized = useLocalized();
  const viewer = useViewer();
  const can = useCan();
  const kind = viewer.organization.kind;
  const read = useRead(DisputeQuery, { id });
  const may = useMay(read.data?.dispute);
  return (
    <ReadState read={read} pick={(data) => data.dispute}>
      {(dispute) => (
        <Page
          title={`${t('shared.dispute')} ${shortId(dispute.id)}`}
          badge={<StatusBadge of="DisputeState" value={dispute.state} />}
          actions={
            <>
              {isOpen(dispute) && may.withdraw && <WithdrawDispute dispute={dispute} />}
              {isOpen(dispute) && may.answer && <AnswerDispute dispute={dispute} />}
              {kind === 'OPERATOR' && can('DECIDE_DISPUTES') && dispute.state === 'CONTESTED' && (
                <DecideDispute dispute={dispute} />
              )}
            </>
          }
        >
          <Section>
            <Facts
              cols={4}
              facts={[
                { label: t('common.id'), value: <Copyable value={dispute.id} /> },
                { label: t('common.kind'), value: t(`enums.DisputeKind.${dispute.kind}`) },
                { label: t('shared.reason'), value: localized(dispute.reasonLabel) },
                { label: t('shared.inDispute'), value: <MoneyText money={dispute.amount} /> },
                { label: t('shared.shareClaimed'), value: <Percent bps={dispute.claimedBps} /> },
                dispute.claim !== null && {
                  label: t('shared.goal'),
                  value: t(`enums.GoalKind.${dispute.claim.goal}`),
                },
                dispute.claim?.amount != null && {
                  label: t('shared.saleAmount'),
                  value: <MoneyText money={dispute.claim.amount} />,
                },
                dispute.claim?.decidedAmount != null && {
                  label: t('shared.grantedFor'),
                  value: <MoneyText money={dispute.claim.decidedAmount} />,
                },
                dispute.claim !== null && {
                  label: t('shared.occurred'),
                  value: <When at={dispute.claim.occurredAt} />,
                },
                dispute.decidedBps !== null && {
                  label: t('shared.shareDecided'),
                  value: <Percent bps={dispute.decidedBps} />,
                },
                {
                  label: t('shared.buyer'),
                  value: <IdLink id={dispute.buyer.id}>{dispute.buyer.name}</IdLink>,
                },
                {
                  label: t('shared.publisher'),
                  value: <IdLink id={dispute.publisher.id}>{dispute.publisher.name}</IdLink>,
                },
                {
                  label: t('shared.offer'),
                  value: <IdLink id={dispute.offerId}>{dispute.offerName}</IdLink>,
                },
                { label: t('shared.lead'), value: <IdLink id={dispute.leadId} /> },
                { label: t('shared.award'), value: <IdLink id={dispute.awardId} /> },
                ...(dispute.conversion
                  ? [
                      {
                        label: t('shared.conversion'),
                        value: <IdLink id={dispute.conversion.id} />,
                      },
                    ]
                  : []),
              ]}
            />
          </Section>
          <Section title={t('shared.deadlines')}>
            <Facts
              cols={4}
              facts={[
                { label: t('shared.openedAt'), value: <When at={dispute.openedAt} /> },
                { label: t('shared.answerBy'), value: <Deadline at={dispute.answerBy} /> },
                { label: t('shared.decideBy'), value: <Deadline at={dispute.decideBy} /> },
                { label: t('shared.lockAt'), value: <Deadline at={dispute.lockAt} /> },
                dispute.resolvedAt !== null && {
                  label: t('shared.resolvedAt'),
                  value: <When at={dispute.resolvedAt} />,
                },
              ]}
            />
          </Section>
          <Section title={t('shared.thread')}>
            <Stack>
              <Thread events={dispute.events} claim={isClaim(dispute)} />
              {isOpen(dispute) && <CommentForm disputeId={dispute.id} />}
            </Stack>
          </Section>
        </Page>
      )}
    </ReadState>
  );
}
