import { Group, Progress, SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../components/layout';
import { Count, MoneyText, Percent } from '../../../components/text';
import type { MoneyValue } from '../../../lib/format';
import type { CapPeriod } from './termsForm';

interface Usage {
  hourCount: number;
  hourMoney: MoneyValue;
  dayCount: number;
  dayMoney: MoneyValue;
  weekCount: number;
  weekMoney: MoneyValue;
  monthCount: number;
  monthMoney: MoneyValue;
  totalCount: number;
  totalMoney: MoneyValue;
  returnShareBps: number;
}

interface Cap {
  period: CapPeriod;
  count: number | null;
  money: MoneyValue | null;
}

function used(usage: Usage, period: CapPeriod): { count: number; money: MoneyValue } {
  switch (period) {
    case 'HOUR':
      return { count: usage.hourCount, money: usage.hourMoney };
    case 'DAY':
      return { count: usage.dayCount, money: usage.dayMoney };
    case 'WEEK':
      return { count: usage.weekCount, money: usage.weekMoney };
    case 'MONTH':
      return { count: usage.monthCount, money: usage.monthMoney };
    case 'TOTAL':
      return { count: usage.totalCount, money: usage.totalMoney };
  }
}

/** Used share in percent, for the bar's length only. */
function percent(amount: bigint, limit: bigint): number {
  if (limit <= 0n) return 100;
  const share = Number((amount * 1000n) / limit) / 10;
  return Math.max(0, Math.min(100, share));
}

/** What was bought in each period, against the caps. */
export function OfferUsage({ usage, caps }: { usage: Usage; caps: readonly Cap[] }) {
  const { t } = useTranslation();
  const periods: CapPeriod[] = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'TOTAL'];
  return (
    <Section title={t('buyer.offer.usage')}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }}>
        {periods.map((period) => {
          const { count, money } = used(usage, period);
          const cap = caps.find((each) => each.period === period);
          return (
            <Stack key={period} gap={6}>
              <Text size="xs" c="dimmed">
                {t(`enums.CapPeriod.${period}`)}
              </Text>
              <Group gap={4}>
                <Text fw={600}>
                  <Count value={count} />
                </Text>
                {cap?.count != null && (
                  <Text size="sm" c="dimmed">
                    {t('buyer.offer.ofCap')} <Count value={cap.count} />
                  </Text>
                )}
              </Group>
              {cap?.count != null && <UsageBar value={percent(BigInt(count), BigInt(cap.count))} />}
              <Group gap={4}>
                <MoneyText money={money} size="sm" />
                {cap?.money && (
                  <Text size="sm" c="dimmed">
                    {t('buyer.offer.ofCap')} <MoneyText money={cap.money} />
                  </Text>
                )}
              </Group>
              {cap?.money && (
                <UsageBar value={percent(BigInt(money.minor), BigInt(cap.money.minor))} />
              )}
            </Stack>
          );
        })}
      </SimpleGrid>
      <Text size="sm" mt="md">
        {t('buyer.offer.returnShare')}: <Percent bps={usage.returnShareBps} />
      </Text>
    </Section>
  );
}

function UsageBar({ value }: { value: number }) {
  const { t } = useTranslation();
  const color = value >= 100 ? 'red' : value >= 80 ? 'orange' : 'teal';
  return <Progress value={value} color={color} aria-label={t('buyer.offer.usage')} />;
}
