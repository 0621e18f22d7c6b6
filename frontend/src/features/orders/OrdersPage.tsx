import { SegmentedControl, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page } from '../../components/layout';
import { enums } from '../../i18n/en/enums';
import { useConnection } from '../../lib/use-connection';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import { OfferFilter } from '../market/offers';
import { ordersQuery } from './documents';
import { OnTimeSection } from './OnTime';
import { OrdersTable } from './OrdersTable';
import { PlaceOrder } from './PlaceOrder';

/** Orders, newest first: a buyer's own, all for operators, what a publisher may claim or has. */
export function OrdersPage() {
  const { t } = useTranslation();
  const { kind } = useViewer().organization;
  return (
    <Page title={t('orders.title')} actions={kind === 'BUYER' && <PlaceOrder />}>
      <Text size="sm" c="dimmed">
        {t(`orders.text.${kind}`)}
      </Text>
      {kind === 'PUBLISHER' ? <ToBring /> : <Placed kind={kind} />}
    </Page>
  );
}

function Placed({ kind }: { kind: 'BUYER' | 'OPERATOR' }) {
  const { t } = useTranslation();
  const url = useUrlState(['state', 'offer']);
  const orders = useConnection(
    ordersQuery,
    {
      state: oneOf(url.filters.state, enums.OrderState) ?? null,
      offerId: url.filters.offer ?? null,
    },
    (data) => data.orders,
    url.paging,
  );
  return (
    <>
      <FilterBar>
        <EnumFilter
          of="OrderState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
        <OfferFilter value={url.filters.offer} onChange={(next) => url.setFilter('offer', next)} />
      </FilterBar>
      <OrdersTable
        orders={orders}
        empty={t(url.filtered ? 'common.emptyFiltered' : `orders.empty.${kind}`)}
      />
    </>
  );
}

function ToBring() {
  const { t } = useTranslation();
  const url = useUrlState(['show']);
  const claimed = url.filters.show === 'claimed';
  const orders = useConnection(
    ordersQuery,
    { state: claimed ? null : 'OPEN', claimed },
    (data) => data.orders,
    url.paging,
  );
  return (
    <>
      <OnTimeSection />
      <SegmentedControl
        value={claimed ? 'claimed' : 'open'}
        onChange={(next) => url.setFilter('show', next === 'claimed' ? 'claimed' : null)}
        data={[
          { value: 'open', label: t('orders.show.open') },
          { value: 'claimed', label: t('orders.show.claimed') },
        ]}
        style={{ alignSelf: 'flex-start' }}
      />
      <OrdersTable
        orders={orders}
        empty={t(claimed ? 'orders.noneClaimed' : 'orders.empty.PUBLISHER')}
      />
    </>
  );
}
