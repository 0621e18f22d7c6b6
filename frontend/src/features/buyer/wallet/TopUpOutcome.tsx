import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../../components/states';
import { formatMoney } from '../../../lib/format';
import { MoneyFields } from '../../../lib/fragments';
import { type Enum, graphql, type ResultOf } from '../../../lib/graphql';
import { announceChange } from '../../../lib/live';
import { usePolling } from '../../../lib/use-polling';
import { useRead } from '../../../lib/use-read';
import { useDeclined } from './cards';

const OutcomeQuery = graphql(
  `
    query CardTopUpOutcome($id: ID!) {
      cardTopUp(id: $id) {
        id
        kind
        state
        amount {
          ...MoneyFields
        }
        cameIn {
          ...MoneyFields
        }
        holdReason
        error
        url
      }
    }
  `,
  [MoneyFields],
);

type TopUp = NonNullable<ResultOf<typeof OutcomeQuery>['cardTopUp']>;

const COLORS: Record<Enum<'CardTopUpState'>, string> = {
  PENDING: 'blue',
  CREDITED: 'teal',
  FAILED: 'red',
  EXPIRED: 'orange',
  HELD: 'yellow',
  DISMISSED: 'gray',
};

/**
 * What became of a top-up that somebody comes back from: the page waits until the exchange knows.
 * Coming back is no proof of a payment, so nothing is said about money before the server says it.
 */
export function TopUpOutcome({
  id,
  cancelled,
  onClose,
}: {
  id: string;
  cancelled: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const read = useRead(OutcomeQuery, { id });
  const topUp = read.data?.cardTopUp ?? null;
  const waits = topUp?.state === 'PENDING' && !cancelled;
  usePolling(waits, read.reload);
  // The balances stand beside it: they are read again when the money is there.
  const before = useRef<string | null>(null);
  const state = topUp?.state ?? null;
  useEffect(() => {
    if (before.current === 'PENDING' && state !== 'PENDING') announceChange();
    before.current = state;
  }, [state]);
  if (topUp === null) {
    if (read.error !== undefined) return <ErrorState error={read.error} onRetry={read.reload} />;
    // A strange id in the address is no reason to alarm anybody.
    return null;
  }
  return (
    <Alert
      color={COLORS[topUp.state]}
      title={<Title topUp={topUp} cancelled={cancelled} />}
      role="status"
      aria-live="polite"
      withCloseButton
      closeButtonLabel={t('common.close')}
      onClose={onClose}
    >
      <Stack gap="sm" align="flex-start">
        <Words topUp={topUp} cancelled={cancelled} />
        {topUp.state === 'PENDING' && topUp.url !== null && (
          <Button component="a" href={topUp.url} size="xs" variant="light">
            {t('buyer.wallet.openPage')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function Title({ topUp, cancelled }: { topUp: TopUp; cancelled: boolean }) {
  const { t, i18n } = useTranslation();
  const amount = formatMoney(topUp.cameIn ?? topUp.amount, i18n.language);
  if (topUp.state === 'PENDING' && !cancelled) {
    return (
      <Group gap="xs" component="span">
        <Loader size="xs" />
        {t('buyer.wallet.outcome.PENDING', { amount })}
      </Group>
    );
  }
  if (topUp.state === 'PENDING') return <>{t('buyer.wallet.outcome.CANCELLED')}</>;
  return <>{t(`buyer.wallet.outcome.${topUp.state}`, { amount })}</>;
}

function Words({ topUp, cancelled }: { topUp: TopUp; cancelled: boolean }) {
  const { t } = useTranslation();
  const declined = useDeclined();
  if (topUp.state === 'PENDING') {
    if (cancelled) return <Text size="sm">{t('buyer.wallet.outcomeText.CANCELLED')}</Text>;
    const unanswered = topUp.kind === 'CHECKOUT' && topUp.url === null;
    return (
      <Text size="sm">
        {t(unanswered ? 'buyer.wallet.outcomeText.NO_PAGE' : 'buyer.wallet.outcomeText.PENDING')}
      </Text>
    );
  }
  return (
    <>
      {topUp.state === 'FAILED' && topUp.error !== null && (
        <Text size="sm" fw={600}>
          {declined(topUp.error)}
        </Text>
      )}
      {topUp.state === 'HELD' && topUp.holdReason !== null && (
        <Text size="sm" fw={600}>
          {t(`enums.HoldReason.${topUp.holdReason}`)}
        </Text>
      )}
      <Text size="sm">{t(`buyer.wallet.outcomeText.${topUp.state}`)}</Text>
    </>
  );
}
