import { BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';
import { formatDate, formatMoney, formatNumber } from '../../lib/format';
import type { Numbers } from './Dashboard';

type Days = Numbers['days'];

function useDayLabel(): (day: string) => string {
  const { i18n } = useTranslation();
  return (day) =>
    new Intl.DateTimeFormat(i18n.language, { day: 'numeric', month: 'short' }).format(
      new Date(`${day}T12:00:00`),
    );
}

/** Leads per day, those sold beside them. */
export function LeadsChart({ days }: { days: Days }) {
  const { t, i18n } = useTranslation();
  const label = useDayLabel();
  return (
    <BarChart
      h={260}
      data={days.map((day) => ({ day: label(day.day), leads: day.leads, sold: day.sold }))}
      dataKey="day"
      withLegend
      series={[
        { name: 'leads', label: t('dashboard.leads'), color: 'gray.5' },
        { name: 'sold', label: t('dashboard.sold'), color: 'cyan.7' },
      ]}
      valueFormatter={(value) => formatNumber(value, i18n.language)}
      role="img"
      aria-label={`${t('dashboard.leads')}, ${formatDate(days[0]?.day ?? '', i18n.language)} –`}
    />
  );
}

/** Money per day in one currency. Bars need numbers; the exact amounts are the tooltip's text. */
export function MoneyChart({ days, currency }: { days: Days; currency: string }) {
  const { t, i18n } = useTranslation();
  const label = useDayLabel();
  const title = t('dashboard.money', { currency });
  return (
    <BarChart
      h={260}
      data={days.map((day) => ({
        day: label(day.day),
        money: Number(day.money.find((each) => each.currency === currency)?.decimal ?? '0'),
      }))}
      dataKey="day"
      series={[{ name: 'money', label: title, color: 'cyan.7' }]}
      valueFormatter={(value) =>
        formatMoney({ minor: '', currency, decimal: String(value) }, i18n.language)
      }
      role="img"
      aria-label={title}
    />
  );
}
