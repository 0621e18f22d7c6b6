import { List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IdLink } from '../../components/links';
import { graphql, type FragmentOf } from '../../lib/graphql';
import { MoneyFields } from '../../lib/fragments';
import type { FieldSpec } from '../market/conditions';
import { useSentence } from './sentences';

export const explanationFields = graphql(
  `
    fragment ExplanationFields on Explanation @_unmask {
      code
      offerId
      offerName
      offers
      facts {
        name
        money {
          ...MoneyFields
        }
        count
        text
        at
      }
    }
  `,
  [MoneyFields],
);

export type Explanation = FragmentOf<typeof explanationFields>;

/** Decisions in words: one sentence per explanation. */
export function Explanations({
  list,
  fields,
}: {
  list: readonly Explanation[];
  fields: readonly FieldSpec[];
}) {
  const { t } = useTranslation();
  const sentence = useSentence(fields);
  return (
    <List size="sm">
      {list.map((one, i) => (
        <List.Item key={i}>
          {one.offerId !== null && (
            <>
              <IdLink id={one.offerId}>{one.offerName ?? one.offerId}</IdLink>
              {': '}
            </>
          )}
          {sentence(one)}
          {one.offers > 1 && (
            <Text span size="sm" c="dimmed">
              {' '}
              {t('shared.explain.offers', { count: one.offers })}
            </Text>
          )}
        </List.Item>
      ))}
    </List>
  );
}
