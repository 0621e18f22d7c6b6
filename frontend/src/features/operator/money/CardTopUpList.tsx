import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ActionButton } from '../../../components/ActionButton';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Copyable, IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyList, MoneyText, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { MoneyFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import { useDeclined } from '../../buyer/wallet/cards';

const Query = graphql(
  `
    query OperatorCardTopUps($state: CardTopUpState, $first: Int, $after: String) {
      cardTopUps(state: $state, first: $first, after: $after) {
        nodes {
          id
          buyer {
            id
            name
          }
          kind
          amount {
            ...MoneyFields
          }
          cameIn {
            ...MoneyFields
          }
          refunded {
            ...MoneyFields
          }
          providerFees {
            ...MoneyFields
          }
          state
          holdReason
          error
          paymentReference
          note
          createdAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

const ResolveHeldTopUp = graphql(
  `
    mutation ResolveHeldTopUp($input: ResolveHeldTopUpInput!) {
      resolveHeldTopUp(input: $input) {
        cardTopUp {
          id
          state
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type TopUp = ResultOf<typeof Query>['cardTopUps']['nodes'][number];

function Decide({ topUp }: { topUp: TopUp }) {
  const { t } = useTranslation();
  const resolve = useAction(ResolveHeldTopUp, { idempotent: true });
  const note = { label: t('common.note'), required: true, maxLength: 1000 };
  const input = (credit: boolean) => (words: string | null) => ({
    cardTopUpId: topUp.id,
    credit,
    note: words,
  });
  return (
    <Group gap="xs" wrap="nowrap">
      <ActionButton
        size="compact-xs"
        title={t('operator.topUps.creditTitle')}
        text={t('operator.topUps.creditText')}
        note={note}
        action={resolve}
        input={input(true)}
        done={t('common.done')}
      >
        {t('operator.topUps.credit')}
      </ActionButton>
      <ActionButton
        size="compact-xs"
        variant="light"
        danger
        title={t('operator.topUps.dismissTitle')}
        text={t('operator.topUps.dismissText')}
        note={note}
        action={resolve}
        input={input(false)}
        done={t('common.done')}
      >
        {t('operator.topUps.dismiss')}
      </ActionButton>
    </Group>
  );
}

/** The state, why, and what a person has to do about it. */
function State({ topUp }: { topUp: TopUp }) {
  const { t } = useTranslation();
  const declined = useDeclined();
  return (
    <Stack gap={2} maw={320}>
      <StatusBadge of="CardTopUpState" value={topUp.state} />
      {topUp.holdReason !== null && topUp.state === 'HELD' && (
        <>
          <Text size="xs" fw={600}>
            {t(`enums.HoldReason.${topUp.holdReason}`)}
          </Text>
          <Text size="xs" c="dimmed">
            {t(
              topUp.holdReason === 'UNANSWERED'
                ? 'operator.topUps.todoUnanswered'
                : 'operator.topUps.todoHeld',
            )}
          </Text>
        </>
      )}
      {topUp.error !== null && (
        <Text size="xs" c="dimmed" title={topUp.error}>
          {declined(topUp.error)}
        </Text>
      )}
      {topUp.note !== null && <Text size="xs">{topUp.note}</Text>}
    </Stack>
  );
}

/** Every top-up by card; what is held waits for a decision of FINANCE. */
export function CardTopUpList() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['tab', 'state']);
  const list = useConnection(
    Query,
    { state: oneOf(url.filters.state, enums.CardTopUpState) ?? null },
    (data) => data.cardTopUps,
    url.paging,
  );
  return (
    <Stack>
      <FilterBar>
        <EnumFilter
          of="CardTopUpState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
      </FilterBar>
      <DataTable
        connection={list}
        rowKey={(row) => row.id}
        caption={t('buyer.wallet.byCard')}
        empty={<EmptyState title={t('buyer.wallet.noCardTopUps')} />}
        columns={[
          {
            id: 'buyer',
            header: t('shared.buyer'),
            cell: (row) => <IdLink id={row.buyer.id}>{row.buyer.name}</IdLink>,
          },
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
          {
            id: 'kind',
            header: t('shared.rail'),
            cell: (row) => t(`enums.CardTopUpKind.${row.kind}`),
          },
          { id: 'state', header: t('common.state'), cell: (row) => <State topUp={row} /> },
          {
            id: 'amount',
            header: t('common.amount'),
            align: 'right',
            cell: (row) => (
              <>
                <MoneyText money={row.amount} />
                {row.cameIn !== null && row.cameIn.minor !== row.amount.minor && (
                  <Text size="xs" c="dimmed">
                    {t('buyer.wallet.cameIn')} <MoneyText money={row.cameIn} />
                  </Text>
                )}
                {row.refunded.minor !== '0' && (
                  <Text size="xs" c="dimmed">
                    {t('operator.topUps.refunded')} <MoneyText money={row.refunded} />
                  </Text>
                )}
              </>
            ),
          },
          {
            id: 'fees',
            header: t('operator.topUps.fees'),
            align: 'right',
            cell: (row) => <MoneyList amounts={row.providerFees} />,
          },
          {
            id: 'reference',
            header: t('shared.reference'),
            cell: (row) =>
              row.paymentReference === null ? '–' : <Copyable value={row.paymentReference} />,
          },
          ...(can('RECORD_MONEY')
            ? [
                {
                  id: 'actions',
                  header: t('common.actions'),
                  cell: (row: TopUp) => (row.state === 'HELD' ? <Decide topUp={row} /> : '–'),
                },
              ]
            : []),
        ]}
      />
    </Stack>
  );
}
