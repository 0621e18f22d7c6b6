import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../components/DataTable';
import { useLocalized } from '../../components/text';
import type { FieldSpec } from './conditions';

interface NicheField extends FieldSpec {
  kind: string | null;
  required: boolean;
}

/** The fields of a lead in a niche, as somebody who posts leads needs them. */
export function NicheFieldsTable({ fields }: { fields: readonly NicheField[] }) {
  const { t } = useTranslation();
  const text = useLocalized();
  return (
    <SimpleTable
      rows={fields}
      rowKey={(field) => field.name}
      caption={t('market.fields.title')}
      columns={[
        {
          id: 'name',
          header: t('market.fields.name'),
          cell: (field) => (
            <Group gap={6}>
              <Text size="sm" ff="monospace">
                {field.name}
              </Text>
              {field.required && (
                <Badge size="sm" color="red" variant="light" tt="none" radius="sm">
                  {t('market.fields.required')}
                </Badge>
              )}
            </Group>
          ),
        },
        { id: 'label', header: t('market.fields.label'), cell: (field) => text(field.label) },
        {
          id: 'type',
          header: t('market.fields.type'),
          cell: (field) => (field.kind === null ? field.type : `${field.type}, ${field.kind}`),
        },
        {
          id: 'values',
          header: t('market.fields.values'),
          cell: (field) =>
            field.options.length === 0 ? (
              '–'
            ) : (
              <Text size="xs" maw={420} lineClamp={3} title={optionsText(field, text)}>
                {optionsText(field, text)}
              </Text>
            ),
        },
      ]}
    />
  );
}

function optionsText(
  field: NicheField,
  text: (label: { en: string; ru: string }) => string,
): string {
  return field.options.map((option) => `${option.value} (${text(option.label)})`).join(', ');
}
