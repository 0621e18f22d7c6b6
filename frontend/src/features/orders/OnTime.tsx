import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../../components/layout';
import { ReadState } from '../../components/ReadState';
import { Percent } from '../../components/text';
import { useRead } from '../../lib/use-read';
import { type OnTime, onTimeQuery } from './documents';

/** How a publisher keeps its promises, in a table. */
export function OnTimeShare({ share }: { share: OnTime }) {
  const { t } = useTranslation();
  if (share.shareBps === null) {
    return (
      <Text span size="sm" c="dimmed" title={t('orders.onTime.none')}>
        –
      </Text>
    );
  }
  return (
    <Text span size="sm" title={t('orders.onTime.of', { ...share })}>
      <Percent bps={share.shareBps} />
    </Text>
  );
}

/** How a publisher keeps its promises: its own, or that of `publisherId` for operators. */
export function OnTimeSection({ publisherId = null }: { publisherId?: string | null }) {
  const { t } = useTranslation();
  const read = useRead(onTimeQuery, { publisherId });
  return (
    <Section title={t(publisherId === null ? 'orders.onTime.own' : 'orders.onTime.title')}>
      <ReadState read={read} pick={(data) => data.onTimeShare}>
        {(share) => (
          <>
            {share.shareBps === null ? (
              <Text>{t('orders.onTime.none')}</Text>
            ) : (
              <>
                <Text span fz="xl" fw={700} mr="sm">
                  <Percent bps={share.shareBps} />
                </Text>
                <Text span size="sm">
                  {t('orders.onTime.of', { ...share })}
                </Text>
              </>
            )}
            <Text size="xs" c="dimmed" mt={4}>
              {t('orders.onTime.hint')}
            </Text>
          </>
        )}
      </ReadState>
    </Section>
  );
}
