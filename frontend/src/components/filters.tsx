import { Group, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { enums } from '../i18n/en/enums';
import { graphql } from '../lib/graphql';
import { useRead } from '../lib/use-read';
import { useEnumOptions } from './StatusBadge';
import { useLocalized } from './text';

/** The filters of a list, in a row. */
export function FilterBar({ children }: { children: ReactNode }) {
  return (
    <Group gap="sm" align="flex-end">
      {children}
    </Group>
  );
}

/** A filter by an enum of the API. */
export function EnumFilter<Name extends keyof typeof enums>({
  of,
  label,
  value,
  values,
  onChange,
}: {
  of: Name;
  label: string;
  value: string | undefined;
  values?: readonly (keyof (typeof enums)[Name] & string)[];
  onChange: (value: string | null) => void;
}) {
  const { t } = useTranslation();
  const options = useEnumOptions(of, values);
  return (
    <Select
      label={label}
      size="sm"
      w={190}
      clearable
      placeholder={t('common.all')}
      data={options}
      value={value ?? null}
      onChange={onChange}
    />
  );
}

const NicheNames = graphql(`
  query NicheNames {
    niches {
      id
      name {
        en
        ru
      }
      currency
    }
  }
`);

/** A filter by niche. */
export function NicheFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | null) => void;
}) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const { data } = useRead(NicheNames, {});
  return (
    <Select
      label={t('shared.niche')}
      size="sm"
      w={220}
      clearable
      searchable
      placeholder={t('common.all')}
      data={(data?.niches ?? []).map((niche) => ({
        value: niche.id,
        label: localized(niche.name),
      }))}
      value={value ?? null}
      onChange={onChange}
    />
  );
}
