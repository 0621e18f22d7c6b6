import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ActionButton } from '../../../components/ActionButton';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Copyable } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';

const Query = graphql(
  `
    query OperatorProviderEvents($state: ProviderEventState, $first: Int, $after: String) {
      providerEvents(state: $state, first: $first, after: $after) {
        nodes {
          id
          reference
          kind
          about
          state
          note
          receivedAt
          endedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

const DismissProviderEvent = graphql(
  `
    mutation DismissProviderEvent($input: DismissProviderEventInput!) {
      dismissProviderEvent(input: $input) {
        event {
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

type Event = ResultOf<typeof Query>['providerEvents']['nodes'][number];

function Dismiss({ id }: { id: string }) {
  const { t } = useTranslation();
  const dismiss = useAction(DismissProviderEvent);
  return (
    <ActionButton
      size="compact-xs"
      variant="light"
      title={t('operator.topUps.eventDone')}
      text={t('operator.topUps.eventDoneText')}
      note={{ label: t('common.note'), required: true, maxLength: 1000 }}
      action={dismiss}
      input={(note) => ({ id, note })}
      done={t('common.done')}
    >
      {t('operator.topUps.eventDone')}
    </ActionButton>
  );
}

/** What the card provider told; what names nothing that is known here waits for FINANCE. */
export function ProviderEventList() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['tab', 'state']);
  const list = useConnection(
    Query,
    { state: oneOf(url.filters.state, enums.ProviderEventState) ?? null },
    (data) => data.providerEvents,
    url.paging,
  );
  return (
    <Stack>
      <FilterBar>
        <EnumFilter
          of="ProviderEventState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
      </FilterBar>
      <DataTable
        connection={list}
        rowKey={(row) => row.id}
        caption={t('operator.topUps.events')}
        empty={<EmptyState title={t('operator.topUps.noEvents')} />}
        columns={[
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.receivedAt} seconds /> },
          {
            id: 'kind',
            header: t('operator.topUps.eventKind'),
            cell: (row) => <code>{row.kind}</code>,
          },
          {
            id: 'about',
            header: t('operator.topUps.about'),
            cell: (row) => (row.about === null ? '–' : <Copyable value={row.about} />),
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => (
              <Stack gap={2} maw={320}>
                <StatusBadge of="ProviderEventState" value={row.state} />
                {row.note !== null && <Text size="xs">{row.note}</Text>}
              </Stack>
            ),
          },
          { id: 'ended', header: t('common.changed'), cell: (row) => <When at={row.endedAt} /> },
          ...(can('RECORD_MONEY')
            ? [
                {
                  id: 'actions',
                  header: t('common.actions'),
                  cell: (row: Event) => (row.state === 'HELD' ? <Dismiss id={row.id} /> : '–'),
                },
              ]
            : []),
        ]}
      />
    </Stack>
  );
}
