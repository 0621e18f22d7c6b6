import { LineChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../components/layout';
import { ReadState } from '../../../components/ReadState';
import { MoneyFields } from '../../../lib/fragments';
import { formatMoney, formatNumber } from '../../../lib/format';
import { graphql } from '../../../lib/graphql';
import { useRead } from '../../../lib/use-read';

const dayCurveQuery = graphql(
  `
    query OfferDay($id: ID!) {
      offer(id: $id) {
        dayCurve {
          paced
          points {
            from
            totalCount
            totalMoney {
              ...MoneyFields
            }
            lineCount
            lineMoney {
              ...MoneyFields
            }
          }
        }
      }
    }
  `,
  [MoneyFields],
);

/**
 * The offer's day so far, hour by hour, beside the line of an even spending. The line is that of
 * the day's cap: in money where the cap is money, else in leads.
 */
export function DayCurve({ offerId, timeZone }: { offerId: string; timeZone: string }) {
  const { t, i18n } = useTranslation();
  const read = useRead(dayCurveQuery, { id: offerId });
  const hour = new Intl.DateTimeFormat(i18n.language, { hour: '2-digit', timeZone });
  return (
    <ReadState read={read} pick={(data) => data.offer?.dayCurve}>
      {(curve) => {
        const last = curve.points.at(-1);
        const inMoney = last?.lineMoney != null;
        const currency = last?.totalMoney.currency ?? '';
        const now = Date.now();
        const data = curve.points.map((point) => ({
          hour: hour.format(new Date(point.from)),
          bought:
            new Date(point.from).getTime() > now
              ? null
              : inMoney
                ? Number(point.totalMoney.decimal)
                : point.totalCount,
          line: inMoney ? Number(point.lineMoney?.decimal ?? '0') : point.lineCount,
        }));
        const bought = t(inMoney ? 'buyer.offer.daySpent' : 'buyer.offer.dayBought');
        return (
          <Section title={t('buyer.offer.day')}>
            <Text size="sm" c="dimmed" mb="sm">
              {t(curve.paced ? 'buyer.offer.dayPaced' : 'buyer.offer.dayFree')}
            </Text>
            <LineChart
              h={260}
              data={data}
              dataKey="hour"
              withLegend
              connectNulls={false}
              series={[
                { name: 'bought', label: bought, color: 'cyan.7' },
                {
                  name: 'line',
                  label: t('buyer.offer.dayLine'),
                  color: 'gray.6',
                  strokeDasharray: '5 5',
                },
              ]}
              valueFormatter={(value) =>
                inMoney
                  ? formatMoney({ minor: '', currency, decimal: String(value) }, i18n.language)
                  : formatNumber(value, i18n.language)
              }
              role="img"
              aria-label={`${t('buyer.offer.day')}: ${bought}`}
            />
          </Section>
        );
      }}
    </ReadState>
  );
}
