import { Group, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ActionButton } from '../../../components/ActionButton';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { FormDialog } from '../../../components/FormDialog';
import { Copyable, IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { Deadline, MoneyText, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { MoneyFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import { useDisputeReason } from '../../buyer/wallet/cards';

const Query = graphql(
  `
    query OperatorChargebacks($state: ChargebackState, $first: Int, $after: String) {
      chargebacks(state: $state, first: $first, after: $after) {
        nodes {
          id
          buyer {
            id
            name
          }
          reference
          amount {
            ...MoneyFields
          }
          state
          reason
          fromAvailable {
            ...MoneyFields
          }
          fromOwed {
            ...MoneyFields
          }
          writtenOff {
            ...MoneyFields
          }
          evidenceDue
          note
          openedAt
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

const NoteChargeback = graphql(
  `
    mutation NoteChargeback($input: NoteChargebackInput!) {
      noteChargeback(input: $input) {
        chargeback {
          id
          note
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const WriteOffChargeback = graphql(
  `
    mutation WriteOffChargeback($input: WriteOffChargebackInput!) {
      writeOffChargeback(input: $input) {
        chargeback {
          id
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type Chargeback = ResultOf<typeof Query>['chargebacks']['nodes'][number];

function Note({ chargeback }: { chargeback: Chargeback }) {
  const { t } = useTranslation();
  const save = useAction(NoteChargeback);
  const form = useForm({ initialValues: { note: chargeback.note ?? '' } });
  return (
    <FormDialog
      label={t('operator.topUps.chargeback.note')}
      size="compact-xs"
      variant="light"
      form={form}
      running={save.running}
      onSend={({ note }) => save.run({ id: chargeback.id, note: note.trim() })}
    >
      <Text size="sm">{t('operator.topUps.chargeback.noteText')}</Text>
      <Textarea
        label={t('common.note')}
        maxLength={2000}
        autosize
        minRows={4}
        data-autofocus
        {...form.getInputProps('note')}
      />
    </FormDialog>
  );
}

function Actions({ chargeback }: { chargeback: Chargeback }) {
  const { t } = useTranslation();
  const writeOff = useAction(WriteOffChargeback, { idempotent: true });
  const owes = chargeback.fromOwed.minor !== '0' && chargeback.writtenOff.minor === '0';
  return (
    <Group gap="xs" wrap="nowrap">
      <Note key={chargeback.note} chargeback={chargeback} />
      {chargeback.state === 'LOST' && owes && (
        <ActionButton
          size="compact-xs"
          variant="light"
          danger
          title={t('operator.topUps.chargeback.writeOffTitle')}
          text={t('operator.topUps.chargeback.writeOffText')}
          action={writeOff}
          input={() => ({ id: chargeback.id })}
          done={t('common.done')}
        >
          {t('operator.topUps.chargeback.writeOff')}
        </ActionButton>
      )}
    </Group>
  );
}

/** Card payments that banks took back: until when to answer, what was said, what is owed. */
export function ChargebackList() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['tab', 'state']);
  const reason = useDisputeReason();
  const list = useConnection(
    Query,
    { state: oneOf(url.filters.state, enums.ChargebackState) ?? null },
    (data) => data.chargebacks,
    url.paging,
  );
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('operator.topUps.chargeback.text')}
      </Text>
      <FilterBar>
        <EnumFilter
          of="ChargebackState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
      </FilterBar>
      <DataTable
        connection={list}
        rowKey={(row) => row.id}
        caption={t('buyer.wallet.chargeback.title')}
        empty={<EmptyState title={t('operator.topUps.chargeback.none')} />}
        columns={[
          {
            id: 'buyer',
            header: t('shared.buyer'),
            cell: (row) => <IdLink id={row.buyer.id}>{row.buyer.name}</IdLink>,
          },
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.openedAt} /> },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => (
              <Stack gap={2} maw={280}>
                <StatusBadge of="ChargebackState" value={row.state} />
                <Text size="xs" c="dimmed">
                  {reason(row.reason)}
                </Text>
                {row.note !== null && <Text size="xs">{row.note}</Text>}
              </Stack>
            ),
          },
          {
            id: 'due',
            header: t('buyer.wallet.chargeback.due'),
            cell: (row) =>
              row.state === 'OPEN' ? <Deadline at={row.evidenceDue} /> : <When at={row.endedAt} />,
          },
          {
            id: 'amount',
            header: t('common.amount'),
            align: 'right',
            cell: (row) => (
              <>
                <MoneyText money={row.amount} />
                {row.fromOwed.minor !== '0' && (
                  <Text size="xs" c="dimmed">
                    {t('operator.topUps.chargeback.owed')} <MoneyText money={row.fromOwed} />
                  </Text>
                )}
                {row.writtenOff.minor !== '0' && (
                  <Text size="xs" c="dimmed">
                    {t('operator.topUps.chargeback.writtenOff')}{' '}
                    <MoneyText money={row.writtenOff} />
                  </Text>
                )}
              </>
            ),
          },
          {
            id: 'reference',
            header: t('shared.reference'),
            cell: (row) => <Copyable value={row.reference} />,
          },
          ...(can('RECORD_MONEY')
            ? [
                {
                  id: 'actions',
                  header: t('common.actions'),
                  cell: (row: Chargeback) => <Actions chargeback={row} />,
                },
              ]
            : []),
        ]}
      />
    </Stack>
  );
}
