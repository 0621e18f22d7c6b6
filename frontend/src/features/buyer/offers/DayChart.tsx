import { LineChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';
import { formatMoney, formatNumber } from '../../../lib/format';
import type { Curve } from './DayCurve';
import { dayPoints } from './dayPoints';

/** What was bought in the day so far, and the line of an even spending where the day has a cap. */
export function DayChart({ curve, timeZone }: { curve: Curve; timeZone: string }) {
  const { t, i18n } = useTranslation();
  const { inMoney, capped, points } = dayPoints(curve.points, Date.now());
  const hour = new Intl.DateTimeFormat(i18n.language, { hour: '2-digit', timeZone });
  const currency = curve.points[0]?.totalMoney.currency ?? '';
  const bought = t(inMoney ? 'buyer.offer.daySpent' : 'buyer.offer.dayBought');
  return (
    <LineChart
      h={260}
      data={points.map((point) => ({ ...point, hour: hour.format(new Date(point.from)) }))}
      dataKey="hour"
      withLegend
      curveType="linear"
      connectNulls={false}
      yAxisProps={{ width: 72, allowDecimals: inMoney }}
      series={[
        { name: 'bought', label: bought, color: 'cyan.7' },
        ...(capped
          ? [
              {
                name: 'line',
                label: t('buyer.offer.dayLine'),
                color: 'gray.6',
                strokeDasharray: '5 5',
              },
            ]
          : []),
      ]}
      valueFormatter={(value) =>
        inMoney
          ? formatMoney({ minor: '', currency, decimal: String(value) }, i18n.language)
          : formatNumber(value, i18n.language)
      }
      role="img"
      aria-label={`${t('buyer.offer.day')}: ${bought}`}
    />
  );
}
