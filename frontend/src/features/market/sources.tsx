import { Select, type SelectProps } from '@mantine/core';
import { useMemo } from 'react';
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

/** The reader's newest sources by name: a publisher's own, everybody's for operators. */
export function useSourceNames() {
  const { data } = useRead(SourceNamesQuery, {});
  return useMemo(() => {
    const sources = data?.sources.nodes ?? [];
    return {
      options: sources.map((source) => ({ value: source.id, label: source.name })),
      /** The name of a source; undefined while it is not known. */
      nameOf: (id: string) => sources.find((source) => source.id === id)?.name,
    };
  }, [data]);
}

/** Chooses one of the publisher's sources. */
export function SourceSelect(props: Omit<SelectProps, 'data' | 'label'>) {
  const { t } = useTranslation();
  const { options } = useSourceNames();
  return <Select label={t('shared.source')} searchable data={options} {...props} />;
}

/** A filter by source. */
export function SourceFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | null) => void;
}) {
  const { t } = useTranslation();
  return (
    <SourceSelect
      size="sm"
      w={220}
      clearable
      placeholder={t('common.all')}
      value={value ?? null}
      onChange={onChange}
    />
  );
}
