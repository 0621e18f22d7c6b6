import { Select, type SelectProps } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql } from '../../lib/graphql';
import { useRead } from '../../lib/use-read';

const OfferNamesQuery = graphql(`
  query OfferNames {
    offers(first: 100) {
      nodes {
        id
        name
      }
    }
  }
`);

/** The reader's newest offers by name: a buyer's own, everybody's for operators. */
export function useOfferNames() {
  const { data } = useRead(OfferNamesQuery, {});
  return useMemo(() => {
    const offers = data?.offers.nodes ?? [];
    return {
      options: offers.map((offer) => ({ value: offer.id, label: offer.name })),
      /** The name of an offer; undefined while it is not known. */
      nameOf: (id: string) => offers.find((offer) => offer.id === id)?.name,
    };
  }, [data]);
}

/** Chooses one of the buyer's offers, or none for all of them. */
export function OfferSelect(props: Omit<SelectProps, 'data' | 'label'>) {
  const { t } = useTranslation();
  const { options } = useOfferNames();
  return (
    <Select
      label={t('buyer.offer.one')}
      placeholder={t('buyer.endpoints.allOffers')}
      clearable
      searchable
      data={options}
      {...props}
    />
  );
}

/** A filter by offer. */
export function OfferFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | null) => void;
}) {
  const { t } = useTranslation();
  return (
    <OfferSelect
      size="sm"
      w={240}
      placeholder={t('common.all')}
      value={value ?? null}
      onChange={onChange}
    />
  );
}
