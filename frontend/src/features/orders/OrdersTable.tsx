import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { type Column, DataTable } from '../../components/DataTable';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Count, Deadline, MoneyText, useLocalized, When } from '../../components/text';
import { formatNumber } from '../../lib/format';
import type { Connection } from '../../lib/use-connection';
import { useConnection } from '../../lib/use-connection';
import { ClaimOrder } from './ClaimOrder';
import { type OrderRow, ordersQuery } from './documents';
import { ShortProgress } from './Progress';

/** Orders as a table, with what concerns the reader. `named` also says of which offer each is. */
export function OrdersTable({
  orders,
  named = true,
  empty,
}: {
  orders: Connection<OrderRow>;
  named?: boolean;
  empty: string;
}) {
  const { t } = useTranslation();
  const columns = useColumns(named);
  return (
    <DataTable
      connection={orders}
      columns={columns}
      rowKey={(row) => row.id}
      caption={t('orders.title')}
      empty={<EmptyState title={empty} />}
    />
  );
}

/** The orders of one offer: for publishers, those that may be claimed or are. */
export function OrdersOfOffer({ offerId }: { offerId: string }) {
  const { t } = useTranslation();
  const orders = useConnection(ordersQuery, { offerId }, (data) => data.orders);
  return <OrdersTable orders={orders} named={false} empty={t('orders.noneOfOffer')} />;
}

/** The publisher's newest claim on an order: how far it is. */
function OwnClaim({ claims }: { claims: OrderRow['claims'] }) {
  const { t, i18n } = useTranslation();
  const claim = claims.find((each) => each.state === 'OPEN') ?? claims.at(-1);
  if (claim === undefined) return <>–</>;
  return (
    <Stack gap={2} align="flex-start">
      <StatusBadge of="OrderClaimState" value={claim.state} />
      <Text size="xs">
        {t('orders.of', {
          done: formatNumber(claim.delivered, i18n.language),
          wanted: formatNumber(claim.wanted, i18n.language),
        })}
      </Text>
      {claim.state === 'OPEN' && (
        <Text size="xs" component="div">
          <Deadline at={claim.deadline} />
        </Text>
      )}
    </Stack>
  );
}

function useColumns(named: boolean): Column<OrderRow>[] {
  const { t } = useTranslation();
  const text = useLocalized();
  const { kind } = useViewer().organization;
  const offer: Column<OrderRow> = {
    id: 'offer',
    header: t('shared.offer'),
    cell: (row) => (
      <Stack gap={0}>
        <IdLink id={row.offerId}>{row.offerName}</IdLink>
        <Text size="xs" c="dimmed">
          {text(row.niche.name)}
        </Text>
      </Stack>
    ),
  };
  const buyer: Column<OrderRow> = {
    id: 'buyer',
    header: t('shared.buyer'),
    cell: (row) => (row.buyer === null ? '–' : <IdLink id={row.buyer.id}>{row.buyer.name}</IdLink>),
  };
  const reserved: Column<OrderRow> = {
    id: 'reserved',
    header: t('orders.reserved'),
    align: 'right',
    cell: (row) => <MoneyText money={row.reserved} />,
  };
  return [
    { id: 'order', header: t('orders.one'), cell: (row) => <IdLink id={row.id} /> },
    ...(named ? [offer] : []),
    ...(kind === 'OPERATOR' ? [buyer] : []),
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => <StatusBadge of="OrderState" value={row.state} />,
    },
    {
      id: 'progress',
      header: t('orders.progress'),
      cell: (row) => <ShortProgress order={row} />,
    },
    {
      id: 'unclaimed',
      header: t('orders.unclaimed'),
      align: 'right',
      cell: (row) => <Count value={row.unclaimed} />,
    },
    {
      id: 'price',
      header: t(kind === 'PUBLISHER' ? 'orders.earning' : 'orders.price'),
      align: 'right',
      cell: (row) => <MoneyText money={kind === 'PUBLISHER' ? row.earning : row.price} />,
    },
    ...(kind === 'PUBLISHER' ? [] : [reserved]),
    {
      id: 'deadline',
      header: t('orders.deadline'),
      cell: (row) =>
        row.claimed + row.unclaimed > 0 ? (
          <Deadline at={row.deadline} />
        ) : (
          <When at={row.deadline} />
        ),
    },
    ...(kind === 'PUBLISHER' ? publisherColumns(t('orders.ownClaim'), t('common.actions')) : []),
  ];
}

function publisherColumns(own: string, actions: string): Column<OrderRow>[] {
  return [
    { id: 'own', header: own, cell: (row) => <OwnClaim claims={row.claims} /> },
    {
      id: 'actions',
      header: actions,
      cell: (row) => <ClaimOrder order={row} size="compact-sm" variant="light" />,
    },
  ];
}
