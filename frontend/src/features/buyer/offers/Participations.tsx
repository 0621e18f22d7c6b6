import { useForm } from '@mantine/form';
import { Group, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { FormDialog } from '../../../components/FormDialog';
import { ActionButton } from '../../../components/ActionButton';
import { DataTable, type Column } from '../../../components/DataTable';
import { Section } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { When } from '../../../components/text';
import type { ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useConnection } from '../../../lib/use-connection';
import { decideParticipation, inviteToOffer, participationsQuery } from './documents';

type Row = ResultOf<typeof participationsQuery>['participations']['nodes'][number];

/** Who sells to the offer, and who asks to. Without an offer: all requests that wait. */
export function Participations({ offerId }: { offerId?: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const waiting = offerId === undefined;
  const rows = useConnection(
    participationsQuery,
    { offerId: offerId ?? null, state: waiting ? 'REQUESTED' : null },
    (data) => data.participations,
  );
  const columns: Column<Row>[] = [
    {
      id: 'publisher',
      header: t('enums.OrganizationKind.PUBLISHER'),
      cell: (row) => <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>,
    },
    ...(waiting
      ? [
          {
            id: 'offer',
            header: t('buyer.offer.one'),
            cell: (row: Row) => <IdLink id={row.offerId}>{row.offerName}</IdLink>,
          },
        ]
      : []),
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => <StatusBadge of="ParticipationState" value={row.state} />,
    },
    {
      id: 'words',
      header: t('buyer.participation.words'),
      cell: (row) => (
        <Stack gap={2} maw={360}>
          {row.message && <Text size="sm">{row.message}</Text>}
          {row.note && (
            <Text size="sm" c="dimmed">
              {t('common.note')}: {row.note}
            </Text>
          )}
        </Stack>
      ),
    },
    { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
    {
      id: 'actions',
      header: t('common.actions'),
      cell: (row) => can('MANAGE_OFFERS') && <Decide row={row} />,
    },
  ];
  return (
    <Section
      title={waiting ? t('buyer.participation.waiting') : t('buyer.offer.participations')}
      actions={offerId !== undefined && can('MANAGE_OFFERS') && <Invite offerId={offerId} />}
    >
      <DataTable
        connection={rows}
        columns={columns}
        rowKey={(row) => row.id}
        empty={
          <EmptyState
            title={t(waiting ? 'buyer.participation.nothingWaits' : 'buyer.participation.empty')}
          />
        }
      />
    </Section>
  );
}

function Decide({ row }: { row: Row }) {
  const { t } = useTranslation();
  const decide = useAction(decideParticipation, { idempotent: true });
  const input = (state: Row['state']) => (note: string | null) => ({ id: row.id, state, note });
  const note = { label: t('buyer.participation.note') };
  const shared = { size: 'xs' as const, note, action: decide };
  const name = { name: row.publisher.name };
  return (
    <Group gap="xs" wrap="nowrap">
      {row.state !== 'APPROVED' && (
        <ActionButton
          {...shared}
          title={t('buyer.participation.approveTitle', name)}
          confirmLabel={t('buyer.participation.approve')}
          input={input('APPROVED')}
        >
          {t('buyer.participation.approve')}
        </ActionButton>
      )}
      {row.state === 'REQUESTED' && (
        <ActionButton
          {...shared}
          danger
          variant="light"
          title={t('buyer.participation.declineTitle', name)}
          confirmLabel={t('buyer.participation.decline')}
          input={input('DECLINED')}
        >
          {t('buyer.participation.decline')}
        </ActionButton>
      )}
      {row.state === 'APPROVED' && (
        <ActionButton
          {...shared}
          danger
          variant="light"
          title={t('buyer.participation.revokeTitle', name)}
          text={t('buyer.participation.revokeText')}
          confirmLabel={t('buyer.participation.revoke')}
          input={input('REVOKED')}
        >
          {t('buyer.participation.revoke')}
        </ActionButton>
      )}
    </Group>
  );
}

function Invite({ offerId }: { offerId: string }) {
  const { t } = useTranslation();
  const invite = useAction(inviteToOffer);
  const form = useForm({
    initialValues: { publisherId: '' },
    validate: { publisherId: (id) => (id.trim() === '' ? t('common.required') : null) },
  });
  return (
    <FormDialog
      size="xs"
      variant="light"
      label={t('buyer.participation.invite')}
      form={form}
      running={invite.running}
      onSend={({ publisherId }) => invite.run({ offerId, publisherId: publisherId.trim() })}
    >
      <TextInput
        label={t('buyer.participation.publisherId')}
        description={t('buyer.participation.publisherIdHint')}
        placeholder="org_…"
        required
        data-autofocus
        {...form.getInputProps('publisherId')}
      />
    </FormDialog>
  );
}
