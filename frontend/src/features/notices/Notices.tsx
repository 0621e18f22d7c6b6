import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { type Column, DataTable } from '../../components/DataTable';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { When } from '../../components/text';
import { useAction } from '../../lib/use-action';
import { type Connection, useConnection } from '../../lib/use-connection';
import { isSoon, usePolling } from '../../lib/use-polling';
import { deliveryError } from '../shared/deliveryErrors';
import { type Notice, NoticesQuery, ReplayNotice } from './documents';

/** What a publisher's trackers were told, looked at again while something is on its way. */
export function useNotices(
  filter: { postbackId?: string | null; leadId?: string | null; state?: Notice['state'] | null },
  paging?: { pages: number; onPages: (pages: number) => void },
): Connection<Notice> {
  const rows = useConnection(
    NoticesQuery,
    {
      postbackId: filter.postbackId ?? null,
      leadId: filter.leadId ?? null,
      state: filter.state ?? null,
    },
    (data) => data.notices,
    paging,
  );
  usePolling(
    rows.nodes.some((each) => each.state === 'PENDING' && isSoon(each.nextAt)),
    rows.reload,
  );
  return rows;
}

interface Props {
  notices: Connection<Notice>;
  /** The name of a postback; undefined for one that is gone. */
  nameOf?: (postbackId: string) => string | undefined;
  empty: string;
}

/** Events with every try to tell them. */
export function NoticeTable({ notices, nameOf, empty }: Props) {
  const { t } = useTranslation();
  const can = useCan();
  const { kind } = useViewer().organization;
  const may = kind === 'OPERATOR' ? can('MODERATE') : can('MANAGE_SOURCES');
  const columns: (Column<Notice> | false)[] = [
    {
      id: 'event',
      header: t('shared.event'),
      cell: (row) => (
        <Stack gap={0}>
          {t(`enums.NoticeEvent.${row.event}`)}
          <Text size="xs" c="dimmed">
            <IdLink id={row.eventId} />
          </Text>
        </Stack>
      ),
    },
    nameOf !== undefined && {
      id: 'postback',
      header: t('publisher.postbacks.one'),
      cell: (row) => nameOf(row.postbackId) ?? '–',
    },
    {
      id: 'lead',
      header: t('publisher.postbacks.about'),
      cell: (row) => (
        <Stack gap={0}>
          {row.lead === null ? '–' : <IdLink id={row.lead.id} />}
          {row.conversionId !== null && <IdLink id={row.conversionId} />}
        </Stack>
      ),
    },
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => (
        <>
          <StatusBadge of="DeliveryState" value={row.state} />
          {row.lastError !== null && row.state !== 'DELIVERED' && (
            <Text size="xs" c="dimmed" maw={280}>
              {deliveryError(row.lastError, t)}
            </Text>
          )}
        </>
      ),
    },
    { id: 'tries', header: t('shared.attempts'), cell: (row) => <Tries notice={row} /> },
    { id: 'at', header: t('common.at'), cell: (row) => <When at={row.happenedAt} /> },
    may && {
      id: 'actions',
      header: t('common.actions'),
      // What belonged to an address that is gone is told nobody again.
      cell: (row) =>
        row.state !== 'PENDING' &&
        (nameOf === undefined || nameOf(row.postbackId) !== undefined) && <Replay id={row.id} />,
    },
  ];
  return (
    <DataTable
      connection={notices}
      columns={columns.filter((column) => column !== false)}
      rowKey={(row) => row.id}
      caption={t('publisher.postbacks.log')}
      empty={<EmptyState title={empty} />}
    />
  );
}

/** Every try: its status and how long it took. */
function Tries({ notice }: { notice: Notice }) {
  const { t } = useTranslation();
  if (notice.attempts.length === 0) return <>–</>;
  return (
    <Stack gap={0}>
      {notice.attempts.map((attempt) => (
        <Text key={attempt.n} size="xs" style={{ whiteSpace: 'nowrap' }}>
          {attempt.n}. {attempt.status ?? '–'} ·{' '}
          {t('publisher.postbacks.ms', { ms: attempt.durationMs })}
        </Text>
      ))}
    </Stack>
  );
}

function Replay({ id }: { id: string }) {
  const { t } = useTranslation();
  const replay = useAction(ReplayNotice, { idempotent: true });
  return (
    <ActionButton
      size="compact-xs"
      variant="light"
      title={t('publisher.postbacks.replayTitle')}
      text={t('publisher.postbacks.replayText')}
      confirmLabel={t('shared.replay')}
      action={replay}
      input={() => ({ id })}
      done={t('shared.replayed')}
    >
      {t('shared.replay')}
    </ActionButton>
  );
}
