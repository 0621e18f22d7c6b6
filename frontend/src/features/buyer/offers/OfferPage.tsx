import { Alert, Stack, Tabs } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts, Page, Section } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState, ErrorState, LoadingState } from '../../../components/states';
import { Percent, useLocalized, When } from '../../../components/text';
import type { ResultOf } from '../../../lib/graphql';
import { useRead } from '../../../lib/use-read';
import { TermsView } from '../../market/TermsView';
import { shownTerms } from '../../market/shownTerms';
import { OrdersOfOffer } from '../../orders/OrdersTable';
import { PlaceOrder } from '../../orders/PlaceOrder';
import { LivePanel } from '../live/LivePanel';
import { buysCalls, Connection } from './Connection';
import { DayCurve } from './DayCurve';
import { offerQuery } from './documents';
import { OfferActions } from './OfferActions';
import { OfferStatus } from './OffersPage';
import { OfferUsage } from './OfferUsage';
import { OfferVersions } from './OfferVersions';
import { Participations } from './Participations';

export type LoadedOffer = NonNullable<ResultOf<typeof offerQuery>['offer']>;

/** One offer of the buyer: what rules now, what waits, who sells, how much of the caps is used. */
export function OfferPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const read = useRead(offerQuery, { id });
  const offer = read.data?.offer;
  return (
    <Page
      title={offer?.name ?? (read.loading ? t('common.loading') : t('common.notFound'))}
      trail={[{ label: t('buyer.offers.title'), to: '/buyer/offers' }]}
      badge={offer && <OfferStatus {...offer} />}
      actions={offer && <OfferActions offer={offer} />}
    >
      {read.loading && <LoadingState />}
      {read.error && !read.data && <ErrorState error={read.error} onRetry={read.reload} />}
      {offer === null && <EmptyState title={t('common.notFoundText')} />}
      {offer && <OfferBody offer={offer} />}
    </Page>
  );
}

/** Whether the buyer's server is asked, now or in the draft. */
function isLive({ current, draft }: LoadedOffer): boolean {
  return [current, draft].some((version) => version?.terms.mode === 'LIVE');
}

function OfferBody({ offer }: { offer: LoadedOffer }) {
  const { t } = useTranslation();
  const text = useLocalized();
  const [tab, setTab] = useState<string | null>('terms');
  const version = offer.current ?? offer.draft;
  const fields = offer.niche.version.fields;
  return (
    <Stack>
      <OfferNotices offer={offer} />
      <Section>
        <Facts
          cols={4}
          facts={[
            {
              label: t('buyer.offer.niche'),
              value: <IdLink id={offer.niche.id}>{text(offer.niche.name)}</IdLink>,
            },
            offer.current && { label: t('buyer.offer.version'), value: offer.current.version },
            { label: t('buyer.wallet.coverage'), value: <Percent bps={offer.coverageBps} /> },
            { label: t('common.created'), value: <When at={offer.createdAt} /> },
            { label: t('common.changed'), value: <When at={offer.updatedAt} /> },
          ]}
        />
      </Section>
      {buysCalls(offer) && <Connection offer={offer} />}
      {isLive(offer) && <LivePanel offer={offer} />}
      {version && <OfferUsage usage={offer.usage} caps={version.terms.caps} />}
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="terms">{t('buyer.offer.terms')}</Tabs.Tab>
          <Tabs.Tab value="day">{t('buyer.offer.day')}</Tabs.Tab>
          <Tabs.Tab value="orders">{t('orders.title')}</Tabs.Tab>
          <Tabs.Tab value="versions">{t('buyer.offer.versions')}</Tabs.Tab>
          <Tabs.Tab value="participations">{t('buyer.offer.participations')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="terms">
          {version && (
            <Section>
              <TermsView terms={shownTerms(version.terms)} fields={fields} side="price" />
            </Section>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="day">
          {version && <DayCurve offerId={offer.id} timeZone={version.terms.schedule.timeZone} />}
        </Tabs.Panel>
        <Tabs.Panel value="orders">
          <Section title={t('orders.title')} actions={<PlaceOrder offerId={offer.id} />}>
            <OrdersOfOffer offerId={offer.id} />
          </Section>
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <OfferVersions
            versions={offer.versions}
            fields={fields}
            currency={offer.niche.currency}
          />
        </Tabs.Panel>
        <Tabs.Panel value="participations">
          <Participations offer={offer} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const PAUSE_REASONS = ['BUYER', 'OPERATOR', 'UNFUNDED', 'DELIVERY_FAILING', 'CHARGEBACK'] as const;

function isPauseReason(reason: string): reason is (typeof PAUSE_REASONS)[number] {
  return (PAUSE_REASONS as readonly string[]).includes(reason);
}

/** What the buyer should know or do about this offer now. */
function OfferNotices({ offer }: { offer: LoadedOffer }) {
  const { t } = useTranslation();
  const refused = offer.versions.findLast((version) => version.state === 'REFUSED');
  const latest = Math.max(...offer.versions.map((version) => version.version));
  if (offer.state === 'CLOSED') return null;
  return (
    <>
      {offer.state === 'PAUSED' && offer.pauseReason && (
        <Alert color="orange">
          {isPauseReason(offer.pauseReason)
            ? t(`buyer.offer.pausedFor.${offer.pauseReason}`)
            : offer.pauseReason}
        </Alert>
      )}
      {offer.unfunded && offer.state === 'ACTIVE' && (
        <Alert color="red" title={t('buyer.offers.unfunded')}>
          {t('buyer.offers.unfundedHint')}
        </Alert>
      )}
      {offer.exhausted && offer.state === 'ACTIVE' && (
        <Alert color="orange" title={t('buyer.offers.exhausted')}>
          {t('buyer.offers.exhaustedHint')}
        </Alert>
      )}
      {refused?.version === latest && (
        <Alert color="red" title={t('buyer.offer.refused', { version: refused.version })}>
          {refused.note}
        </Alert>
      )}
      {offer.draft?.state === 'IN_REVIEW' && (
        <Alert color="yellow">
          {offer.current === null
            ? t('buyer.offer.inReviewFirst')
            : t('buyer.offer.inReview', { version: offer.draft.version })}
        </Alert>
      )}
      {offer.draft?.state === 'DRAFT' && (
        <Alert color="blue">{t('buyer.offer.hasDraft', { version: offer.draft.version })}</Alert>
      )}
    </>
  );
}
