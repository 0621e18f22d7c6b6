import { Alert, Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { Page } from '../../../components/layout';
import { graphql } from '../../../lib/graphql';
import { useRead } from '../../../lib/use-read';
import { useUrlState } from '../../../lib/use-url-state';
import { CardTopUpList } from './CardTopUpList';
import { ChargebackList } from './ChargebackList';
import { CreditRefundList } from './CreditRefundList';
import { ProviderEventList } from './ProviderEventList';
import { RecordedTopUps } from './RecordedTopUps';
import { RecordTopUp } from './RecordTopUp';

const CardsQuery = graphql(`
  query CardMoney {
    cardPayments
    held: cardTopUps(state: HELD, first: 1) {
      nodes {
        id
      }
    }
    open: chargebacks(state: OPEN, first: 1) {
      nodes {
        id
      }
    }
    told: providerEvents(state: HELD, first: 1) {
      nodes {
        id
      }
    }
  }
`);

/** Money that buyers paid in: recorded transfers, cards, what went back, and what waits for FINANCE. */
export function TopUps() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['tab', 'state']);
  const { data } = useRead(CardsQuery, {});
  const waits = {
    cards: (data?.held.nodes.length ?? 0) > 0,
    chargebacks: (data?.open.nodes.length ?? 0) > 0,
    events: (data?.told.nodes.length ?? 0) > 0,
  };
  const mark = (waiting: boolean) =>
    waiting ? { rightSection: <span title={t('operator.topUps.waits')}>●</span> } : {};
  return (
    <Page title={t('operator.topUps.title')} actions={can('RECORD_MONEY') ? <RecordTopUp /> : null}>
      {data?.cardPayments === false && (
        <Alert color="blue">{t('operator.topUps.notConfigured')}</Alert>
      )}
      <Tabs
        value={url.filters.tab ?? 'recorded'}
        onChange={(tab) => url.setFilters({ tab, state: null })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="recorded">{t('operator.topUps.recorded')}</Tabs.Tab>
          <Tabs.Tab value="cards" {...mark(waits.cards)}>
            {t('buyer.wallet.byCard')}
          </Tabs.Tab>
          <Tabs.Tab value="refunds">{t('operator.topUps.refunds')}</Tabs.Tab>
          <Tabs.Tab value="chargebacks" {...mark(waits.chargebacks)}>
            {t('buyer.wallet.chargeback.title')}
          </Tabs.Tab>
          <Tabs.Tab value="events" {...mark(waits.events)}>
            {t('operator.topUps.events')}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="recorded">
          <RecordedTopUps />
        </Tabs.Panel>
        <Tabs.Panel value="cards">
          <CardTopUpList />
        </Tabs.Panel>
        <Tabs.Panel value="refunds">
          <CreditRefundList />
        </Tabs.Panel>
        <Tabs.Panel value="chargebacks">
          <ChargebackList />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <ProviderEventList />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
