import { Button, Code, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../components/DataTable';
import { Section } from '../../components/layout';
import { EmptyState, Problems } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { When } from '../../components/text';
import { UserErrorFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import type { Award } from './AwardPage';
import { deliveryError, statusText } from './deliveryErrors';

const ReplayDelivery = graphql(
  `
    mutation ReplayDelivery($input: ReplayDeliveryInput!) {
      replayDelivery(input: $input) {
        delivery {
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

/** What one try came back with: the status as it was, or why there was no answer. */
function Answer({ attempt }: { attempt: Award['deliveries'][number]['attempts'][number] }) {
  const { t } = useTranslation();
  if (attempt.status === null) {
    return attempt.error === null ? '–' : deliveryError(attempt.error, t);
  }
  const failed = attempt.status < 200 || attempt.status >= 300;
  return failed ? (
    <span title={statusText(attempt.status, t)}>{attempt.status}</span>
  ) : (
    attempt.status
  );
}

/** Webhook deliveries of an award with every attempt; a buyer may send one again. */
export function Deliveries({
  deliveries,
  replayable,
}: {
  deliveries: Award['deliveries'];
  replayable: boolean;
}) {
  const { t } = useTranslation();
  const replay = useAction(ReplayDelivery, { idempotent: true });
  const again = async (id: string) => {
    const outcome = await replay.run({ id });
    if (outcome.ok) notifications.show({ color: 'teal', message: t('shared.replayed') });
  };
  return (
    <Section title={t('shared.deliveries')}>
      <Problems problems={replay.problems} />
      {deliveries.length === 0 ? (
        <EmptyState title={t('shared.noDeliveries')} />
      ) : (
        <SimpleTable
          rows={deliveries}
          rowKey={(row) => row.id}
          columns={[
            {
              id: 'url',
              header: t('shared.endpoint'),
              cell: (row) => <Code>{row.endpointUrl}</Code>,
            },
            {
              id: 'state',
              header: t('common.state'),
              cell: (row) => (
                <>
                  <StatusBadge of="DeliveryState" value={row.state} />
                  {row.lastError !== null && row.state !== 'DELIVERED' && (
                    <Text size="xs" c="dimmed">
                      {deliveryError(row.lastError, t)}
                    </Text>
                  )}
                </>
              ),
            },
            {
              id: 'attempts',
              header: t('shared.attempts'),
              cell: (row) =>
                row.attempts.length === 0
                  ? '–'
                  : row.attempts.map((attempt) => (
                      <Text size="xs" key={attempt.n}>
                        {attempt.n}. <When at={attempt.at} /> · <Answer attempt={attempt} /> ·{' '}
                        {attempt.durationMs} ms
                      </Text>
                    )),
            },
            {
              id: 'next',
              header: t('shared.nextAttempt'),
              cell: (row) => <When at={row.state === 'PENDING' ? row.nextAt : null} />,
            },
            ...(replayable
              ? [
                  {
                    id: 'replay',
                    header: t('common.actions'),
                    cell: (row: Award['deliveries'][number]) => (
                      <Button
                        size="compact-xs"
                        variant="light"
                        disabled={row.state === 'PENDING'}
                        onClick={() => void again(row.id)}
                      >
                        {t('shared.replay')}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
    </Section>
  );
}
