import { Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable } from '../../../components/DataTable';
import { FormDialog } from '../../../components/FormDialog';
import { MoneyInput } from '../../../components/forms';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText, When } from '../../../components/text';
import { parseMoney } from '../../../lib/format';
import { MoneyFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useConnection } from '../../../lib/use-connection';
import { CardFields, useCardName, useDeclined } from './cards';

const CardTopUpsQuery = graphql(
  `
    query WalletCardTopUps($first: Int, $after: String) {
      cardTopUps(first: $first, after: $after) {
        nodes {
          id
          kind
          amount {
            ...MoneyFields
          }
          cameIn {
            ...MoneyFields
          }
          state
          holdReason
          error
          url
          card {
            ...CardFields
          }
          refunded {
            ...MoneyFields
          }
          refundable {
            ...MoneyFields
          }
          createdAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [CardFields, MoneyFields, PageFields],
);

const RefundsQuery = graphql(
  `
    query WalletCreditRefunds($first: Int, $after: String) {
      creditRefunds(first: $first, after: $after) {
        nodes {
          id
          cardTopUpId
          amount {
            ...MoneyFields
          }
          state
          error
          createdAt
          endedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

const RefundCredit = graphql(
  `
    mutation RefundCredit($input: RefundCreditInput!) {
      refundCredit(input: $input) {
        creditRefund {
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

type TopUp = ResultOf<typeof CardTopUpsQuery>['cardTopUps']['nodes'][number];

/** Sends unused credit of a top-up back to the card that brought it. */
function Refund({ topUp }: { topUp: TopUp }) {
  const { t } = useTranslation();
  const refund = useAction(RefundCredit, { idempotent: true });
  const { currency } = topUp.refundable;
  const form = useForm({
    initialValues: { amount: topUp.refundable.decimal },
    validate: {
      amount: (value) => {
        const minor = parseMoney(value, currency);
        return minor === null || /^0*$/.test(minor) ? t('common.badMoney') : null;
      },
    },
  });
  return (
    <FormDialog
      label={t('buyer.wallet.refund')}
      size="compact-xs"
      variant="light"
      form={form}
      running={refund.running}
      onSend={async ({ amount }) => {
        const minor = parseMoney(amount, currency) ?? '0';
        const outcome = await refund.run({
          cardTopUpId: topUp.id,
          amount: { minor, currency },
        });
        if (outcome.ok) {
          notifications.show({ color: 'teal', message: t('buyer.wallet.refundAsked') });
        }
        return outcome;
      }}
    >
      <Text size="sm">{t('buyer.wallet.refundText')}</Text>
      <MoneyInput
        label={t('common.amount')}
        description={
          <>
            {t('buyer.wallet.refundable')} <MoneyText money={topUp.refundable} />
          </>
        }
        required
        currency={currency}
        value={form.values.amount}
        error={form.errors.amount}
        onValue={(text) => form.setFieldValue('amount', text)}
      />
    </FormDialog>
  );
}

/** Why a top-up stands where it stands, under its state. */
function Why({ topUp }: { topUp: TopUp }) {
  const { t } = useTranslation();
  const declined = useDeclined();
  const words =
    topUp.state === 'HELD' && topUp.holdReason !== null
      ? t(`enums.HoldReason.${topUp.holdReason}`)
      : topUp.state === 'FAILED' && topUp.error !== null
        ? declined(topUp.error)
        : null;
  return words === null ? null : (
    <Text size="xs" c="dimmed" maw={260}>
      {words}
    </Text>
  );
}

/** Top-ups by card with their states, and what went back to cards. */
export function CardTopUps() {
  const { t } = useTranslation();
  const can = useCan();
  const cardName = useCardName();
  const fund = can('FUND_WALLET');
  const rows = useConnection(CardTopUpsQuery, {}, (data) => data.cardTopUps);
  return (
    <DataTable
      connection={rows}
      rowKey={(row) => row.id}
      caption={t('buyer.wallet.byCard')}
      empty={<EmptyState title={t('buyer.wallet.noCardTopUps')} />}
      columns={[
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
        {
          id: 'kind',
          header: t('buyer.wallet.rail'),
          cell: (row) => (
            <>
              {t(`enums.CardTopUpKind.${row.kind}`)}
              {row.card !== null && (
                <Text size="xs" c="dimmed">
                  {cardName(row.card)}
                </Text>
              )}
            </>
          ),
        },
        {
          id: 'state',
          header: t('common.state'),
          cell: (row) => (
            <>
              <StatusBadge of="CardTopUpState" value={row.state} />
              <Why topUp={row} />
            </>
          ),
        },
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
            </>
          ),
        },
        {
          id: 'refunded',
          header: t('buyer.wallet.refunded'),
          align: 'right',
          cell: (row) => (row.refunded.minor === '0' ? '–' : <MoneyText money={row.refunded} />),
        },
        ...(fund
          ? [
              {
                id: 'actions',
                header: t('common.actions'),
                cell: (row: TopUp) => (
                  <Group gap="xs" wrap="nowrap">
                    {row.state === 'PENDING' && row.url !== null && (
                      <Button component="a" href={row.url} size="compact-xs" variant="light">
                        {t('buyer.wallet.openPage')}
                      </Button>
                    )}
                    {row.refundable.minor === '0' ? (
                      row.state === 'PENDING' ? null : (
                        '–'
                      )
                    ) : (
                      // A new sum is a new form: what may go back has changed.
                      <Refund key={row.refundable.minor} topUp={row} />
                    )}
                  </Group>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

/** Credit on its way back to cards. Nothing at all while there was none. */
export function CreditRefunds() {
  const { t } = useTranslation();
  const declined = useDeclined();
  const rows = useConnection(RefundsQuery, {}, (data) => data.creditRefunds);
  if (rows.nodes.length === 0 && rows.error === undefined) return null;
  return (
    <Stack gap="xs">
      <Text component="h3" fw={600} m={0}>
        {t('buyer.wallet.refunds')}
      </Text>
      <DataTable
        connection={rows}
        rowKey={(row) => row.id}
        caption={t('buyer.wallet.refunds')}
        columns={[
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => (
              <>
                <StatusBadge of="CreditRefundState" value={row.state} />
                <Text size="xs" c="dimmed" maw={320}>
                  {t(`buyer.wallet.refundStates.${row.state}`)}
                  {row.error !== null && ` (${declined(row.error)})`}
                </Text>
              </>
            ),
          },
          { id: 'ended', header: t('common.changed'), cell: (row) => <When at={row.endedAt} /> },
          {
            id: 'amount',
            header: t('common.amount'),
            align: 'right',
            cell: (row) => <MoneyText money={row.amount} />,
          },
        ]}
      />
    </Stack>
  );
}
