import { Code, List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { asCondition, conditionText, plainValue } from '../lib/conditions';
import type { NicheFieldSpec } from './NicheForm';
import { useLocalized } from './text';

/** An offer's conditions in words; JSON for a form that this page does not know. */
export function ConditionsView({
  conditions,
  fields,
}: {
  conditions: unknown;
  fields?: readonly Pick<NicheFieldSpec, 'name' | 'label' | 'options'>[];
}) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const list: readonly unknown[] = Array.isArray(conditions) ? conditions : [conditions];
  if (conditions == null || list.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('shared.conditions.none')}
      </Text>
    );
  }
  const find = (name: string) => fields?.find((each) => each.name === name);
  const words = {
    field: (name: string) => {
      const known = find(name);
      return known === undefined ? name : localized(known.label);
    },
    value: (name: string, value: unknown) => {
      const option = find(name)?.options.find((each) => each.value === value);
      return option === undefined ? plainValue(value) : localized(option.label);
    },
    word: (word: 'all' | 'any' | 'not' | 'contains' | 'present' | 'missing' | 'in' | 'notIn') =>
      t(`shared.conditions.${word}`),
  };
  return (
    <List size="sm">
      {list.map((each, index) => {
        const condition = asCondition(each);
        return (
          <List.Item key={index}>
            {condition === null ? (
              <Code>{JSON.stringify(each)}</Code>
            ) : (
              conditionText(condition, words)
            )}
          </List.Item>
        );
      })}
    </List>
  );
}
