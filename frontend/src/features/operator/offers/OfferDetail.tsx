import { Accordion, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Facts, Page, Section } from '../../../components/layout';
import { Copyable, IdLink } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { StatusBadge } from '../../../components/StatusBadge';
import { useLocalized, When } from '../../../components/text';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { OrdersOfOffer } from '../../orders/OrdersTable';
import { OfferFlags } from './OfferList';
import { OfferQuery } from './queries';
import { ReviewActions } from './ReviewActions';
import { VersionView } from './VersionView';

/** An offer with every version of its terms; versions in review can be decided here. */
export function OfferDetail() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const id = useRouteId();
  const read = useRead(OfferQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.offer}>
      {(offer) => {
        const versions = [...offer.versions].sort((left, right) => right.version - left.version);
        const waiting = versions.find((version) => version.state === 'IN_REVIEW');
        const shown = waiting ?? versions.find((version) => version.id === offer.current?.id);
        return (
          <Page
            title={offer.name}
            trail={[{ label: t('operator.offers.title'), to: '/operator/offers' }]}
            badge={
              <Group gap={6}>
                <StatusBadge of="OfferState" value={offer.state} />
                <OfferFlags {...offer} />
              </Group>
            }
            actions={
              waiting === undefined ? null : (
                <ReviewActions versionId={waiting.id} name={offer.name} />
              )
            }
          >
            <Section>
              <Facts
                facts={[
                  { label: t('common.id'), value: <Copyable value={offer.id} /> },
                  {
                    label: t('shared.buyer'),
                    value: (
                      <>
                        <IdLink id={offer.buyer.id}>{offer.buyer.name}</IdLink>{' '}
                        <StatusBadge of="OrganizationState" value={offer.buyer.state} />
                      </>
                    ),
                  },
                  {
                    label: t('shared.niche'),
                    value: <IdLink id={offer.niche.id}>{localized(offer.niche.name)}</IdLink>,
                  },
                  offer.connectTo !== null && {
                    label: t('traffic.connection.title'),
                    value: <Copyable value={offer.connectTo} />,
                  },
                  offer.pauseReason !== null && {
                    label: t('operator.offers.pauseReason'),
                    value: offer.pauseReason,
                  },
                  { label: t('common.created'), value: <When at={offer.createdAt} /> },
                  { label: t('common.changed'), value: <When at={offer.updatedAt} /> },
                ]}
              />
            </Section>
            <Section title={t('orders.title')}>
              <OrdersOfOffer offerId={offer.id} />
            </Section>
            <Section title={t('operator.offers.versions')}>
              <Accordion
                variant="separated"
                order={3}
                defaultValue={shown?.id ?? versions[0]?.id ?? null}
              >
                {versions.map((version) => (
                  <Accordion.Item key={version.id} value={version.id}>
                    <Accordion.Control>
                      <Group gap="sm">
                        <Text fw={600}>{t('shared.versionN', { n: version.version })}</Text>
                        <StatusBadge of="OfferVersionState" value={version.state} />
                        <Text size="sm" c="dimmed">
                          <When at={version.effectiveAt ?? version.createdAt} />
                        </Text>
                      </Group>
                    </Accordion.Control>
                    <Accordion.Panel>
                      {version.note !== null && version.note !== '' && (
                        <Text size="sm" mb="sm">
                          {t('common.note')}: {version.note}
                        </Text>
                      )}
                      <VersionView version={version} niche={offer.niche} />
                    </Accordion.Panel>
                  </Accordion.Item>
                ))}
              </Accordion>
            </Section>
          </Page>
        );
      }}
    </ReadState>
  );
}
