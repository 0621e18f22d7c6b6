import { SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { type Column, SimpleTable } from '../../components/DataTable';
import { Facts, Page, Section, Stat } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Count, Deadline, MoneyText, useLocalized, When } from '../../components/text';
import { useRead } from '../../lib/use-read';
import { useRouteId } from '../../lib/use-route-id';
import { ClaimOrder } from './ClaimOrder';
import { type LoadedOrder, type OrderClaim, orderQuery } from './documents';
import { OnTimeShare } from './OnTime';
import { CancelOrder, ReleaseClaim } from './OrderActions';
import { OrderProgress } from './Progress';
import { times } from './rules';

const LISTS = {
  BUYER: '/buyer/orders',
  PUBLISHER: '/publisher/orders',
  OPERATOR: '/operator/orders',
} as const;

/** One order: how far it is, where its money is, and who has promised what. */
export function OrderPage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const { kind } = useViewer().organization;
  const read = useRead(orderQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.order}>
      {(order) => (
        <Page
          title={t('orders.titleOf', { offer: order.offerName })}
          trail={[{ label: t('orders.title'), to: LISTS[kind] }]}
          badge={<StatusBadge of="OrderState" value={order.state} />}
          actions={
            <>
              {kind === 'PUBLISHER' && <ClaimOrder order={order} />}
              <CancelOrder order={order} />
            </>
          }
        >
          <Section title={t('orders.progress')}>
            <Text size="sm" c="dimmed" mb="sm">
              {t(`orders.means.${order.state}`)}
            </Text>
            <OrderProgress order={order} />
          </Section>
          {order.price !== null && <Money order={order} price={order.price} />}
          <About order={order} />
          <Claims order={order} />
        </Page>
      )}
    </ReadState>
  );
}

function Money({ order, price }: { order: LoadedOrder; price: NonNullable<LoadedOrder['price']> }) {
  const { t } = useTranslation();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
      <Stat
        label={t('orders.sum')}
        value={
          <>
            <MoneyText money={times(price, order.wanted)} />
            <Text size="xs" c="dimmed" fw={400}>
              <Count value={order.wanted} /> × <MoneyText money={price} />
            </Text>
          </>
        }
      />
      <Stat label={t('orders.reserved')} value={<MoneyText money={order.reserved} />} />
      <Stat label={t('orders.spent')} value={<MoneyText money={order.spent} />} />
      <Stat label={t('orders.givenBack')} value={<MoneyText money={order.givenBack} />} />
    </SimpleGrid>
  );
}

function About({ order }: { order: LoadedOrder }) {
  const { t } = useTranslation();
  const text = useLocalized();
  const { kind } = useViewer().organization;
  return (
    <Section>
      <Facts
        cols={4}
        facts={[
          { label: t('common.id'), value: <Copyable value={order.id} /> },
          {
            label: t('shared.offer'),
            value: <IdLink id={order.offerId}>{order.offerName}</IdLink>,
          },
          {
            label: t('shared.niche'),
            value: <IdLink id={order.niche.id}>{text(order.niche.name)}</IdLink>,
          },
          kind === 'OPERATOR' &&
            order.buyer !== null && {
              label: t('shared.buyer'),
              value: <IdLink id={order.buyer.id}>{order.buyer.name}</IdLink>,
            },
          kind !== 'PUBLISHER' && {
            label: t('orders.version'),
            value: <IdLink id={order.offerVersionId} />,
          },
          order.earning !== null && {
            label: t('orders.earning'),
            value: <MoneyText money={order.earning} />,
          },
          {
            label: t('orders.deadline'),
            value:
              order.endedAt === null ? (
                <Deadline at={order.deadline} />
              ) : (
                <When at={order.deadline} />
              ),
          },
          { label: t('orders.placed'), value: <When at={order.createdAt} /> },
          order.endedAt !== null && {
            label: t('orders.ended'),
            value: <When at={order.endedAt} />,
          },
        ]}
      />
    </Section>
  );
}

function Claims({ order }: { order: LoadedOrder }) {
  const { t } = useTranslation();
  const { kind } = useViewer().organization;
  const columns = useColumns();
  const own = kind === 'PUBLISHER';
  return (
    <Section title={t('orders.claims')}>
      {order.claims.length === 0 ? (
        <EmptyState title={t(own ? 'orders.noOwnClaims' : 'orders.noClaims')} />
      ) : (
        <SimpleTable
          rows={order.claims}
          rowKey={(row) => row.id}
          caption={t('orders.claims')}
          columns={columns}
        />
      )}
    </Section>
  );
}

function useColumns(): Column<OrderClaim>[] {
  const { t } = useTranslation();
  const can = useCan();
  const { kind } = useViewer().organization;
  const whose: Column<OrderClaim>[] = [
    {
      id: 'publisher',
      header: t('shared.publisher'),
      cell: (row) => <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>,
    },
    {
      id: 'onTime',
      header: t('orders.onTime.title'),
      align: 'right',
      cell: (row) => <OnTimeShare share={row.onTime} />,
    },
  ];
  const release: Column<OrderClaim> = {
    id: 'actions',
    header: t('common.actions'),
    cell: (row) => row.state === 'OPEN' && <ReleaseClaim claimId={row.id} />,
  };
  return [
    ...(kind === 'PUBLISHER' ? [] : whose),
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => (
        <span title={t(`orders.claimMeans.${row.state}`)}>
          <StatusBadge of="OrderClaimState" value={row.state} />
        </span>
      ),
    },
    {
      id: 'promised',
      header: t('orders.promised'),
      align: 'right',
      cell: (row) => <Count value={row.wanted} />,
    },
    {
      id: 'delivered',
      header: t('orders.delivered'),
      align: 'right',
      cell: (row) => <Count value={row.delivered} />,
    },
    {
      id: 'awaited',
      header: t('orders.awaited'),
      align: 'right',
      cell: (row) => <Count value={row.awaited} />,
    },
    {
      id: 'deadline',
      header: t('orders.deadline'),
      cell: (row) =>
        row.state === 'OPEN' ? <Deadline at={row.deadline} /> : <When at={row.deadline} />,
    },
    { id: 'made', header: t('orders.made'), cell: (row) => <When at={row.createdAt} /> },
    { id: 'ended', header: t('orders.ended'), cell: (row) => <When at={row.endedAt} /> },
    ...(kind === 'PUBLISHER' && can('MANAGE_SOURCES') ? [release] : []),
  ];
}
