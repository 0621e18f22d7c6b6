import { BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../lib/format';

interface Bar {
  label: string;
  clicks: number;
  leads: number;
  conversions: number;
}

/** Clicks, leads and conversions beside each other, the most clicks first. */
export function ClicksChart({ rows }: { rows: readonly Bar[] }) {
  const { t, i18n } = useTranslation();
  return (
    <BarChart
      h={240}
      data={rows.map(({ label, clicks, leads, conversions }) => ({
        label,
        clicks,
        leads,
        conversions,
      }))}
      dataKey="label"
      withLegend
      yAxisProps={{ allowDecimals: false }}
      series={[
        { name: 'clicks', label: t('traffic.clicks.title'), color: 'gray.5' },
        { name: 'leads', label: t('shared.leads'), color: 'cyan.7' },
        { name: 'conversions', label: t('shared.conversions'), color: 'teal.7' },
      ]}
      valueFormatter={(value) => formatNumber(value, i18n.language)}
      role="img"
      aria-label={t('traffic.clicks.stats')}
    />
  );
}
