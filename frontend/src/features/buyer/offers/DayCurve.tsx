import { Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../components/layout';
import { ReadState } from '../../../components/ReadState';
import { EmptyState, LoadingState } from '../../../components/states';
import { MoneyFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useRead } from '../../../lib/use-read';

// Charts are the heaviest part of the workspace, and few of its pages have one.
const DayChart = lazy(() => import('./DayChart').then((m) => ({ default: m.DayChart })));

const dayCurveQuery = graphql(
  `
    query OfferDay($id: ID!) {
      offer(id: $id) {
        id
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

type Offer = NonNullable<ResultOf<typeof dayCurveQuery>['offer']>;
export type Curve = NonNullable<Offer['dayCurve']>;

/** The offer's day so far, hour by hour, beside the line of an even spending. */
export function DayCurve({ offerId, timeZone }: { offerId: string; timeZone: string }) {
  const { t } = useTranslation();
  const read = useRead(dayCurveQuery, { id: offerId });
  return (
    <ReadState read={read} pick={(data) => data.offer}>
      {({ dayCurve }) => (
        <Section title={t('buyer.offer.day')}>
          {dayCurve === null || dayCurve.points.length === 0 ? (
            <EmptyState title={t('buyer.offer.dayNone')} />
          ) : (
            <>
              <Text size="sm" c="dimmed" mb="sm">
                {t(dayCurve.paced ? 'buyer.offer.dayPaced' : 'buyer.offer.dayFree')}
              </Text>
              <Suspense fallback={<LoadingState />}>
                <DayChart curve={dayCurve} timeZone={timeZone} />
              </Suspense>
            </>
          )}
        </Section>
      )}
    </ReadState>
  );
}
