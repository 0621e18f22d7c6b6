import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { MoneyText } from '../../components/text';
import { formatNumber } from '../../lib/format';
import { useAction } from '../../lib/use-action';
import { cancelOrder, type LoadedOrder, releaseClaim } from './documents';
import { times } from './rules';

/** Ends what nobody has claimed. Buyers cancel their own orders, moderators any. */
export function CancelOrder({ order }: { order: LoadedOrder }) {
  const { t, i18n } = useTranslation();
  const can = useCan();
  const { kind } = useViewer().organization;
  const cancel = useAction(cancelOrder, { idempotent: true });
  const allowed = kind === 'OPERATOR' ? can('MODERATE') : can('MANAGE_OFFERS');
  if (kind === 'PUBLISHER' || !allowed || order.state !== 'OPEN') return null;
  const count = (n: number) => formatNumber(n, i18n.language);
  return (
    <ActionButton
      danger
      variant="light"
      title={t('orders.cancel.label')}
      text={
        <>
          <Text size="sm" mb="xs">
            {t('orders.cancel.text')}
          </Text>
          <Text size="sm">
            {t('orders.cancel.back', { n: count(order.unclaimed) })}{' '}
            <MoneyText
              money={order.price === null ? null : times(order.price, order.unclaimed)}
              fw={600}
            />
          </Text>
          {order.claimed > 0 && (
            <Text size="sm">{t('orders.cancel.keep', { n: count(order.claimed) })}</Text>
          )}
        </>
      }
      confirmLabel={t('orders.cancel.label')}
      action={cancel}
      input={() => ({ orderId: order.id })}
      done={t('orders.cancel.done')}
    >
      {t('orders.cancel.label')}
    </ActionButton>
  );
}

/** Gives a publisher's own claim up. */
export function ReleaseClaim({ claimId }: { claimId: string }) {
  const { t } = useTranslation();
  const release = useAction(releaseClaim, { idempotent: true });
  return (
    <ActionButton
      danger
      variant="light"
      size="compact-sm"
      title={t('orders.release.title')}
      text={t('orders.release.text')}
      confirmLabel={t('orders.release.label')}
      action={release}
      input={() => ({ claimId })}
      done={t('orders.release.done')}
    >
      {t('orders.release.label')}
    </ActionButton>
  );
}
