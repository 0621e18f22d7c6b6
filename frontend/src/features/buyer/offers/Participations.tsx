import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ConfirmButton } from '../../../components/ConfirmButton';
import { DataTable, type Column } from '../../../components/DataTable';
import { Section } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState, Problems } from '../../../components/states';
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
  const decide = useAction(decideParticipation);
  const set = async (state: Row['state'], note: string) =>
    (await decide.run({ id: row.id, state, note: note === '' ? null : note })).ok;
  const note = { label: t('buyer.participation.note') };
  const shared = { size: 'xs' as const, note, problems: decide.problems, onOpen: decide.clear };
  const name = { name: row.publisher.name };
  return (
    <Group gap="xs" wrap="nowrap">
      {row.state !== 'APPROVED' && (
        <ConfirmButton
          {...shared}
          title={t('buyer.participation.approveTitle', name)}
          confirmLabel={t('buyer.participation.approve')}
          onConfirm={(words) => set('APPROVED', words)}
        >
          {t('buyer.participation.approve')}
        </ConfirmButton>
      )}
      {row.state === 'REQUESTED' && (
        <ConfirmButton
          {...shared}
          danger
          variant="light"
          title={t('buyer.participation.declineTitle', name)}
          confirmLabel={t('buyer.participation.decline')}
          onConfirm={(words) => set('DECLINED', words)}
        >
          {t('buyer.participation.decline')}
        </ConfirmButton>
      )}
      {row.state === 'APPROVED' && (
        <ConfirmButton
          {...shared}
          danger
          variant="light"
          title={t('buyer.participation.revokeTitle', name)}
          text={t('buyer.participation.revokeText')}
          confirmLabel={t('buyer.participation.revoke')}
          onConfirm={(words) => set('REVOKED', words)}
        >
          {t('buyer.participation.revoke')}
        </ConfirmButton>
      )}
    </Group>
  );
}

function Invite({ offerId }: { offerId: string }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure(false);
  const [publisherId, setPublisherId] = useState('');
  const invite = useAction(inviteToOffer);
  return (
    <>
      <Button
        size="xs"
        variant="light"
        onClick={() => {
          setPublisherId('');
          invite.clear();
          open();
        }}
      >
        {t('buyer.participation.invite')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('buyer.participation.inviteTitle')} centered>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void invite.run({ offerId, publisherId: publisherId.trim() }).then((outcome) => {
              if (outcome.ok) close();
            });
          }}
        >
          <Stack>
            <TextInput
              label={t('buyer.participation.publisherId')}
              description={t('buyer.participation.publisherIdHint')}
              placeholder="org_…"
              required
              value={publisherId}
              onChange={(event) => setPublisherId(event.currentTarget.value)}
              data-autofocus
            />
            <Problems problems={invite.problems} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={invite.running}>
                {t('buyer.participation.invite')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
