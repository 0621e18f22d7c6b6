import { useTranslation } from 'react-i18next';
import { formatBps, formatMoney, type MoneyValue } from '../../lib/format';

/** A share of a sale within bounds. */
export interface ShownPercent {
  bps: number;
  min: MoneyValue;
  max: MoneyValue;
}

/** What one event of a goal pays: a sum, or a share of the sale with its least and its most. */
export function GoalAmount({
  amount,
  percent,
}: {
  amount: MoneyValue;
  percent?: ShownPercent | null;
}) {
  const { t, i18n } = useTranslation();
  const lang = i18n.language;
  if (percent == null) return <b>{formatMoney(amount, lang)}</b>;
  return (
    <>
      <b>{formatBps(percent.bps, lang)}</b>{' '}
      {t('market.terms.bounds', {
        min: formatMoney(percent.min, lang),
        max: formatMoney(percent.max, lang),
      })}
    </>
  );
}
