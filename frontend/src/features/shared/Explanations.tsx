import { List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IdLink } from '../../components/links';
import { useLocalized } from '../../components/text';
import { formatDateTime, formatMoney, formatNumber } from '../../lib/format';
import { graphql, type FragmentOf } from '../../lib/graphql';
import { MoneyFields } from '../../lib/fragments';
import type { FieldSpec } from '../market/conditions';

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

/**
 * The key of the sentence: a code whose facts are not all there has a shorter one, named by the
 * facts that it has (`NEEDS_ROOM`, `NEEDS_ROOM_cap`, `NEEDS_ROOM_cap_at`).
 */
export function sentenceKeys(one: Explanation): string[] {
  const names = one.facts.map((fact) => fact.name);
  const keys = names.map((_, i) => [one.code, ...names.slice(0, names.length - i)].join('_'));
  return [...keys, one.code].map((key) => `shared.explain.${key}`);
}

/** Decisions in words: one sentence per explanation. */
export function Explanations({
  list,
  fields,
}: {
  list: readonly Explanation[];
  fields: readonly FieldSpec[];
}) {
  const { t, i18n } = useTranslation();
  const localized = useLocalized();
  const lang = i18n.language;
  const translate = t as unknown as (key: string, values?: Record<string, string>) => string;
  const named = (name: string, text: string) => {
    if (name === 'cap') {
      const key = `shared.explain.cap.${text}`;
      return i18n.exists(key) ? translate(key) : text;
    }
    const spec = name === 'field' ? fields.find((field) => field.name === text) : undefined;
    return spec ? localized(spec.label) : text;
  };
  const sentence = (one: Explanation) => {
    const values: Record<string, string> = {};
    for (const fact of one.facts) {
      if (fact.money) values[fact.name] = formatMoney(fact.money, lang);
      else if (fact.count !== null) values[fact.name] = formatNumber(fact.count, lang);
      else if (fact.at !== null) values[fact.name] = formatDateTime(fact.at, lang);
      else if (fact.text !== null) values[fact.name] = named(fact.name, fact.text);
    }
    const key = sentenceKeys(one).find((each) => i18n.exists(each));
    return key === undefined ? one.code : translate(key, values);
  };
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
