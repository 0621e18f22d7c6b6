import { Alert, Card, Group, List, Loader, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { i18n as words } from '../../../i18n';
import { problemText } from '../../../lib/errors';
import { formatDate, formatMoney, formatNumber } from '../../../lib/format';
import { MoneyFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useRead } from '../../../lib/use-read';
import type { Terms } from './termsForm';

const estimateQuery = graphql(
  `
    query OfferEstimate($input: OfferEstimateInput!) {
      offerEstimate(input: $input) {
        since
        sampled
        numbers {
          leads
          matched
          bought
          unsoldBefore
          spent {
            ...MoneyFields
          }
          averagePrice {
            ...MoneyFields
          }
          missed {
            code
            leads
          }
        }
        userErrors {
          code
        }
      }
    }
  `,
  [MoneyFields],
);

/** How long the form rests before the estimate asks anew, in milliseconds. */
const REST = 700;
/** So many reasons are shown; the rest are rare. */
const REASONS = 4;

interface Props {
  nicheId: string;
  /** An existing offer is judged by its measured rates. */
  offerId?: string;
  /** The terms as typed; null while the form has mistakes. */
  terms: Terms | null;
}

/** What the terms would have bought lately, while they are being typed. */
export function OfferEstimate({ nicheId, offerId, terms }: Props) {
  const { t } = useTranslation();
  // Compared as text: the form makes new terms at every stroke.
  const [asked] = useDebouncedValue(terms === null ? null : JSON.stringify(terms), REST);
  const read = useRead(
    estimateQuery,
    {
      input: {
        nicheId,
        offerId: offerId ?? null,
        terms: JSON.parse(asked ?? '{}') as Terms,
      },
    },
    { pause: asked === null },
  );
  const found = asked === null ? undefined : read.data?.offerEstimate;
  return (
    <Card withBorder component="section" aria-label={t('buyer.offerForm.estimate.title')}>
      <Stack gap="xs" aria-live="polite">
        <Group justify="space-between">
          <Text fw={600}>{t('buyer.offerForm.estimate.title')}</Text>
          {read.loading && asked !== null && <Loader size="xs" />}
        </Group>
        {asked === null && <Text c="dimmed">{t('buyer.offerForm.estimate.unfinished')}</Text>}
        {asked !== null && read.error && !found && (
          <Alert color="orange">{t('buyer.offerForm.estimate.failed')}</Alert>
        )}
        {found && <Found found={found} />}
      </Stack>
    </Card>
  );
}

type Estimate = ResultOf<typeof estimateQuery>['offerEstimate'];

function Found({ found }: { found: Estimate }) {
  const { t, i18n } = useTranslation();
  const number = (value: number) => formatNumber(value, i18n.language);
  if (found.userErrors.length > 0) {
    return <Text c="dimmed">{t('buyer.offerForm.estimate.unfinished')}</Text>;
  }
  if (!found.numbers) return <Text>{t('buyer.offerForm.estimate.tooFew')}</Text>;
  const { leads, matched, bought, unsoldBefore, spent, averagePrice, missed } = found.numbers;
  if (leads === 0) return <Text>{t('buyer.offerForm.estimate.noLeads')}</Text>;
  const since = found.since ? formatDate(found.since, i18n.language) : '';
  return (
    <>
      <Text>
        {t('buyer.offerForm.estimate.bought', {
          bought: number(bought),
          leads: number(leads),
          since,
        })}{' '}
        {averagePrice &&
          t('buyer.offerForm.estimate.average', {
            price: formatMoney(averagePrice, i18n.language),
            spent: formatMoney(spent, i18n.language),
          })}
      </Text>
      <Text size="sm" c="dimmed">
        {t('buyer.offerForm.estimate.matched', {
          matched: number(matched),
          unsold: number(unsoldBefore),
        })}{' '}
        {found.sampled && t('buyer.offerForm.estimate.sampled')}
      </Text>
      {missed.length > 0 && (
        <>
          <Text size="sm">{t('buyer.offerForm.estimate.missed')}</Text>
          <List size="sm">
            {missed.slice(0, REASONS).map((reason) => (
              <List.Item key={reason.code}>
                {number(reason.leads)}: {missText(reason.code, t)}
              </List.Item>
            ))}
          </List>
        </>
      )}
      <Text size="xs" c="dimmed">
        {t('buyer.offerForm.estimate.caveat')}
      </Text>
    </>
  );
}

/** Why leads were not bought, in the buyer's words where the code is one of its own terms. */
function missText(code: string, t: TFunction): string {
  const key = `buyer.offerForm.estimate.miss.${code}`;
  if (!words.exists(key)) return problemText({ code, message: code }, t);
  return (t as unknown as (key: string) => string)(key);
}
