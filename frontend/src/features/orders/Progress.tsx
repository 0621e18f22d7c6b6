import { Box, Group, Progress, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Count } from '../../components/text';
import { formatNumber } from '../../lib/format';
import { type Part, parts } from './rules';

type Counts = Record<Part | 'wanted', number>;

const COLORS: Record<Part, string> = {
  delivered: 'teal.7',
  claimed: 'blue.5',
  unclaimed: 'gray.3',
  released: 'gray.6',
};

function Bar({ order }: { order: Counts }) {
  const { t } = useTranslation();
  return (
    <Progress.Root size="lg" role="group" aria-label={t('orders.progress')}>
      {parts(order).map(({ name, share }) => (
        <Progress.Section
          key={name}
          value={share}
          color={COLORS[name]}
          aria-label={t(`orders.${name}`)}
        />
      ))}
    </Progress.Root>
  );
}

/** How far an order is, in a table. */
export function ShortProgress({ order }: { order: Counts }) {
  const { t, i18n } = useTranslation();
  return (
    <Stack gap={4} miw={110}>
      <Text size="sm" span>
        {t('orders.of', {
          done: formatNumber(order.delivered, i18n.language),
          wanted: formatNumber(order.wanted, i18n.language),
        })}
      </Text>
      <Bar order={order} />
    </Stack>
  );
}

/** What became of the ordered leads: a bar, and each of its parts in words. */
export function OrderProgress({ order }: { order: Counts }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Bar order={order} />
      <Group gap="lg">
        <Text size="sm">
          {t('orders.wanted')}:{' '}
          <b>
            <Count value={order.wanted} />
          </b>
        </Text>
        {parts(order).map(({ name, count }) => (
          <Group key={name} gap={6} wrap="nowrap">
            <Box w={10} h={10} bg={COLORS[name]} style={{ borderRadius: 2 }} aria-hidden />
            <Text size="sm">
              {t(`orders.${name}`)}:{' '}
              <b>
                <Count value={count} />
              </b>
            </Text>
          </Group>
        ))}
      </Group>
    </Stack>
  );
}
