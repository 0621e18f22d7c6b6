import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { graphql } from '../../lib/graphql';
import { useRead } from '../../lib/use-read';

const SourceNamesQuery = graphql(`
  query SourceNames {
    sources(first: 100) {
      nodes {
        id
        name
      }
    }
  }
`);

/** A filter by one of the publisher's sources. */
export function SourceFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | null) => void;
}) {
  const { t } = useTranslation();
  const { data } = useRead(SourceNamesQuery, {});
  return (
    <Select
      label={t('shared.source')}
      size="sm"
      w={220}
      clearable
      searchable
      placeholder={t('common.all')}
      data={(data?.sources.nodes ?? []).map((source) => ({
        value: source.id,
        label: source.name,
      }))}
      value={value ?? null}
      onChange={onChange}
    />
  );
}
