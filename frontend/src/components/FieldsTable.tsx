import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { plainValue } from '../lib/format';
import type { NicheFieldSpec } from './NicheForm';
import { EmptyState } from './states';
import { useLocalized } from './text';

/** The fields of a lead in the order of its niche, with their labels in the reader's language. */
export function FieldsTable({
  fields,
  specs,
}: {
  fields: unknown;
  specs: readonly Pick<NicheFieldSpec, 'name' | 'label' | 'options'>[];
}) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const values = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [];
  if (values.length === 0) return <EmptyState />;
  const order = new Map(specs.map((spec, index) => [spec.name, index]));
  const sorted = [...values].sort(
    ([left], [right]) => (order.get(left) ?? 999) - (order.get(right) ?? 999),
  );
  const show = (name: string, value: unknown): string => {
    if (value === null || value === '') return '–';
    if (typeof value === 'boolean') return value ? t('common.yes') : t('common.no');
    const option = specs
      .find((spec) => spec.name === name)
      ?.options.find((each) => each.value === value);
    return option === undefined ? plainValue(value) : localized(option.label);
  };
  return (
    <Table layout="fixed" verticalSpacing={6}>
      <Table.Tbody>
        {sorted.map(([name, value]) => {
          const spec = specs.find((each) => each.name === name);
          return (
            <Table.Tr key={name}>
              <Table.Th scope="row" w="40%" fw={400}>
                <Text size="sm" c="dimmed">
                  {spec === undefined ? name : localized(spec.label)}
                </Text>
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{show(name, value)}</Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
