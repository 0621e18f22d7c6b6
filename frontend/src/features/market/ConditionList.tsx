import { List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { decode, type FieldSpec, type Leaf, type Node } from './conditions';
import { useLocalized } from '../../components/text';

/** Conditions as sentences: "Region is one of Moscow, Tver". */
export function ConditionList({
  conditions,
  fields,
}: {
  conditions: unknown;
  fields: readonly FieldSpec[];
}) {
  const { t } = useTranslation();
  const nodes = decode(conditions);
  if (nodes.length === 0) return <Text size="sm">{t('market.conditions.everyLead')}</Text>;
  return <NodeList nodes={nodes} fields={fields} />;
}

function NodeList({ nodes, fields }: { nodes: Node[]; fields: readonly FieldSpec[] }) {
  const { t } = useTranslation();
  const sentence = useSentence(fields);
  return (
    <List size="sm" spacing={2}>
      {nodes.map((node) => (
        <List.Item key={node.id}>
          {node.kind === 'leaf' ? (
            sentence(node)
          ) : (
            <>
              {t(`market.conditions.mode.${node.mode}`)}
              <NodeList nodes={node.children} fields={fields} />
            </>
          )}
        </List.Item>
      ))}
    </List>
  );
}

function useSentence(fields: readonly FieldSpec[]): (leaf: Leaf) => string {
  const { t, i18n } = useTranslation();
  const text = useLocalized();
  return (leaf) => {
    const spec = fields.find((field) => field.name === leaf.field);
    const show = (value: string): string => {
      const option = spec?.options.find((o) => o.value === value);
      if (option) return text(option.label);
      if (spec?.type === 'boolean') return t(value === 'true' ? 'common.yes' : 'common.no');
      const isNumber = spec?.type === 'number' || spec?.type === 'integer';
      return isNumber ? new Intl.NumberFormat(i18n.language).format(Number(value)) : value;
    };
    const values = leaf.values.length > 0 ? leaf.values : leaf.value ? [leaf.value] : [];
    const parts = [spec ? text(spec.label) : leaf.field, t(`market.conditions.op.${leaf.op}`)];
    return [...parts, values.map(show).join(', ')].filter(Boolean).join(' ');
  };
}
