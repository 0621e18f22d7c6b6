import { List, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formFromPolicy, ownTieBreaks, type TieBreak } from './routing';
import type { Strategy } from '../../market/policy';

/** "Auction; between equals: priority, older offer". */
function useRule(): (strategy: Strategy, tieBreaks: readonly TieBreak[]) => string {
  const { t } = useTranslation();
  return (strategy, tieBreaks) => {
    const list = tieBreaks.length > 0 ? tieBreaks : ownTieBreaks(strategy);
    return t('operator.routing.rule', {
      strategy: t(`enums.RoutingStrategy.${strategy}`),
      ties: list.map((each) => t(`operator.routing.tie.${each}`)).join(', '),
    });
  };
}

/** How a niche chooses among the offers, in words. */
export function RoutingView({ policy }: { policy: unknown }) {
  const { t } = useTranslation();
  const rule = useRule();
  const routing = formFromPolicy(policy);
  const inGroup = (number: string) =>
    routing.offers.filter((place) => place.group === number).length;
  return (
    <Stack gap="xs">
      <Text size="sm">{t(`operator.routing.means.${routing.strategy}`)}</Text>
      {routing.strategy === 'WATERFALL' ? (
        <List size="sm" type="ordered">
          {routing.groups.map((group) => (
            <List.Item key={String(group.number)}>
              {t('operator.routing.groupN', { n: group.number })}:{' '}
              {rule(group.strategy, group.tieBreaks)};{' '}
              {t('operator.routing.offersIn', { n: inGroup(String(group.number)) })}
            </List.Item>
          ))}
          <List.Item>
            {t('operator.routing.restGroup')}: {rule('AUCTION', routing.tieBreaks)}
          </List.Item>
        </List>
      ) : (
        <Text size="sm">{rule(routing.strategy, routing.tieBreaks)}</Text>
      )}
    </Stack>
  );
}
