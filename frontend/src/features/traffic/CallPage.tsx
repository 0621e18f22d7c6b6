import { Alert, Text, Timeline } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Deadline, MoneyText, When } from '../../components/text';
import { MoneyFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { shortId } from '../../lib/ids';
import { usePolling } from '../../lib/use-polling';
import { useRead } from '../../lib/use-read';
import { useRouteId } from '../../lib/use-route-id';
import { useReasonText } from '../shared/reasons';
import { callSteps, lasts } from './calls';

const CallQuery = graphql(
  `
    query CallPage($id: ID!) {
      call(id: $id) {
        id
        state
        caller
        connectTo
        source {
          id
          name
        }
        offer {
          id
        }
        offerName
        lead {
          id
          reasons {
            code
            message
          }
        }
        award {
          id
        }
        conversion {
          id
          state
        }
        minCallSeconds
        connectedSeconds
        price {
          ...MoneyFields
        }
        earning {
          ...MoneyFields
        }
        startedAt
        connectedAt
        endedAt
        decidedAt
        closeAt
        createdAt
      }
    }
  `,
  [MoneyFields],
);

type Call = NonNullable<ResultOf<typeof CallQuery>['call']>;

/** One telephone call: what was told of it, where it went, and what it came to. */
export function CallPage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const { kind } = useViewer().organization;
  const read = useRead(CallQuery, { id });
  const call = read.data?.call;
  usePolling(call != null && lasts(call), read.reload);
  return (
    <ReadState read={read} pick={(data) => data.call}>
      {(call) => (
        <Page
          title={`${t('traffic.call')} ${shortId(call.id)}`}
          trail={[{ label: t('traffic.calls.title'), to: `/${kind.toLowerCase()}/calls` }]}
          badge={<StatusBadge of="CallState" value={call.state} />}
        >
          <Text size="sm">{t(`traffic.calls.means.${call.state}`)}</Text>
          <Unsold call={call} />
          <CallFacts call={call} />
          <Section title={t('traffic.calls.events')}>
            <Events call={call} />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}

/** Why nobody bought it. */
function Unsold({ call }: { call: Call }) {
  const { t } = useTranslation();
  const reason = useReasonText();
  if (call.state !== 'UNSOLD' || call.lead === null || call.lead.reasons.length === 0) return null;
  return (
    <Alert color="yellow" title={t('shared.reason')}>
      {call.lead.reasons.map((each) => (
        <Text key={each.code} size="sm" title={each.code}>
          {reason(each)}
        </Text>
      ))}
    </Alert>
  );
}

function CallFacts({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <Section>
      <Facts
        cols={4}
        facts={[
          { label: t('common.id'), value: <Copyable value={call.id} /> },
          { label: t('traffic.calls.caller'), value: call.caller ?? '–' },
          call.source !== null && {
            label: t('shared.source'),
            value: <IdLink id={call.source.id}>{call.source.name}</IdLink>,
          },
          call.offerName !== null && {
            label: t('shared.offer'),
            value:
              call.offer === null ? (
                call.offerName
              ) : (
                <IdLink id={call.offer.id}>{call.offerName}</IdLink>
              ),
          },
          call.connectTo !== null && {
            label: t('traffic.calls.connectTo'),
            value: <Copyable value={call.connectTo} />,
          },
          call.lead !== null && {
            label: t('shared.lead'),
            value: <IdLink id={call.lead.id} />,
          },
          call.award !== null && {
            label: t('shared.award'),
            value: <IdLink id={call.award.id} />,
          },
          call.minCallSeconds !== null && {
            label: t('traffic.calls.least'),
            value: call.minCallSeconds,
          },
          call.connectedSeconds !== null && {
            label: t('traffic.calls.seconds'),
            value: call.connectedSeconds,
          },
          call.price !== null && {
            label: t('shared.price'),
            value: <MoneyText money={call.price} />,
          },
          call.earning !== null && {
            label: t('shared.earning'),
            value: <MoneyText money={call.earning} />,
          },
          call.conversion !== null && {
            label: t('traffic.calls.billed'),
            value: (
              <>
                <IdLink id={call.conversion.id} />{' '}
                <StatusBadge of="ConversionState" value={call.conversion.state} />
              </>
            ),
          },
          lasts(call) && {
            label: t('traffic.calls.closeAt'),
            value: <Deadline at={call.closeAt} />,
          },
          { label: t('common.created'), value: <When at={call.createdAt} /> },
        ]}
      />
    </Section>
  );
}

function Events({ call }: { call: Call }) {
  const { t } = useTranslation();
  const steps = callSteps(call);
  if (steps.length === 0) return <EmptyState title={t('traffic.calls.noEvents')} />;
  return (
    <Timeline active={steps.length - 1} bulletSize={14} lineWidth={2}>
      {steps.map(({ step, at }) => (
        <Timeline.Item
          key={step}
          title={step === 'DECIDED' ? t('traffic.calls.decided') : t(`enums.CallEvent.${step}`)}
        >
          <Text size="sm" c="dimmed">
            <When at={at} seconds />
            {step === 'DECIDED' && ` · ${t(`enums.CallState.${call.state}`)}`}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
