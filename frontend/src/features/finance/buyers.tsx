import { Select, type SelectProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../lib/use-read';
import { buyersQuery } from './documents';

/** Buyers by name, and the currencies that the exchange trades in. */
export function useBuyers() {
  const { data } = useRead(buyersQuery, {});
  return {
    buyers: (data?.organizations.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
    currencies: [...new Set((data?.niches ?? []).map((niche) => niche.currency))].sort(),
  };
}

export function BuyerSelect(props: Omit<SelectProps, 'label'>) {
  const { t } = useTranslation();
  return <Select label={t('shared.buyer')} required searchable {...props} />;
}

export function CurrencySelect({ label, ...props }: SelectProps) {
  const { t } = useTranslation();
  return <Select label={label ?? t('common.currency')} required allowDeselect={false} {...props} />;
}
