import { Badge, Code, Group, Select, Stack, Tabs, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { ConfirmButton } from '../../components/ConfirmButton';
import { type Column, SimpleTable } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page, Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { ReadTable } from '../../components/ReadTable';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { useLocalized, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import {
  DeletePostback,
  MacrosQuery,
  PausePostback,
  type Postback,
  PostbacksQuery,
  TestPostback,
} from './documents';
import { NoticeTable, useNotices } from './Notices';
import { PostbackDialog } from './PostbackDialog';

const TABS = ['addresses', 'log', 'macros'] as const;

/** The addresses of a publisher's trackers, what they were told, and the words that they may have. */
export function PostbacksPage() {
  const { t } = useTranslation();
  const can = useCan();
  const publisher = useViewer().organization.kind === 'PUBLISHER';
  const url = useUrlState(['tab', 'postback', 'state']);
  const tab = TABS.find((each) => each === url.filters.tab) ?? 'addresses';
  const read = useRead(PostbacksQuery, {});
  return (
    <Page
      title={t('publisher.postbacks.title')}
      actions={publisher && can('MANAGE_SOURCES') ? <PostbackDialog /> : null}
    >
      <Text size="sm" c="dimmed">
        {t(publisher ? 'publisher.postbacks.text' : 'publisher.postbacks.textAll')}
      </Text>
      <Tabs
        value={tab}
        onChange={(next) => url.setFilter('tab', next === 'addresses' ? null : next)}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`publisher.postbacks.tab.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="addresses">
          <ReadState read={read} pick={(data) => data.publisherPostbacks}>
            {(list) => (
              <Section>
                <Addresses
                  list={list.filter((each) => each.state !== 'DELETED')}
                  onTest={(id) => url.setFilters({ tab: 'log', postback: id })}
                />
              </Section>
            )}
          </ReadState>
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <Log
            postbacks={read.data?.publisherPostbacks ?? []}
            postback={url.filters.postback}
            state={url.filters.state}
            onFilter={url.setFilter}
            filtered={url.filters.postback !== undefined || url.filters.state !== undefined}
            paging={url.paging}
          />
        </Tabs.Panel>
        <Tabs.Panel value="macros">
          <Macros />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Addresses({ list, onTest }: { list: readonly Postback[]; onTest: (id: string) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const publisher = useViewer().organization.kind === 'PUBLISHER';
  if (list.length === 0) return <EmptyState title={t('publisher.postbacks.empty')} />;
  const columns: (Column<Postback> | false)[] = [
    {
      id: 'name',
      header: t('common.name'),
      cell: (row) => (
        <Stack gap={2} maw={360}>
          <Text size="sm" fw={500}>
            {row.name}
          </Text>
          <Text size="xs" ff="monospace" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {row.method} {row.url}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'events',
      header: t('publisher.postbacks.events'),
      cell: (row) => (
        <Group gap={4}>
          {row.events.map((event) => (
            <Badge key={event} variant="default" radius="sm" tt="none" fw={500}>
              {t(`enums.NoticeEvent.${event}`)}
            </Badge>
          ))}
        </Group>
      ),
    },
    {
      id: 'source',
      header: t('shared.source'),
      cell: (row) =>
        row.source === null ? (
          t('publisher.postbacks.allSources')
        ) : (
          <IdLink id={row.source.id}>{row.source.name}</IdLink>
        ),
    },
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => (
        <Group gap={4}>
          <StatusBadge of="EndpointState" value={row.state} />
          {row.failingSince !== null && (
            <Badge color="red" variant="light" radius="sm" tt="none">
              {t('buyer.endpoints.failing')} <When at={row.failingSince} />
            </Badge>
          )}
        </Group>
      ),
    },
    publisher &&
      can('MANAGE_SOURCES') && {
        id: 'actions',
        header: t('common.actions'),
        cell: (row) => <Actions postback={row} onTest={onTest} />,
      },
  ];
  return (
    <SimpleTable
      rows={list}
      rowKey={(row) => row.id}
      caption={t('publisher.postbacks.tab.addresses')}
      columns={columns.filter((column) => column !== false)}
    />
  );
}

function Actions({ postback, onTest }: { postback: Postback; onTest: (id: string) => void }) {
  const { t } = useTranslation();
  const test = useAction(TestPostback);
  const pause = useAction(PausePostback);
  const remove = useAction(DeletePostback);
  const paused = postback.state === 'PAUSED';
  return (
    <Group gap="xs">
      <ConfirmButton
        size="xs"
        title={t('publisher.postbacks.testTitle', { name: postback.name })}
        text={t('publisher.postbacks.testText')}
        confirmLabel={t('publisher.postbacks.test')}
        problems={test.problems}
        onOpen={test.clear}
        onConfirm={async () => {
          const { ok } = await test.run({ id: postback.id });
          if (ok) {
            notifications.show({ color: 'teal', message: t('publisher.postbacks.testing') });
            onTest(postback.id);
          }
          return ok;
        }}
      >
        {t('publisher.postbacks.test')}
      </ConfirmButton>
      <PostbackDialog key={JSON.stringify(postback)} postback={postback} />
      <ActionButton
        size="xs"
        variant="light"
        title={t(paused ? 'publisher.postbacks.resumeTitle' : 'publisher.postbacks.pauseTitle')}
        text={t(paused ? 'publisher.postbacks.resumeText' : 'publisher.postbacks.pauseText')}
        confirmLabel={t(paused ? 'buyer.offer.resume' : 'buyer.offer.pause')}
        action={pause}
        input={() => ({ id: postback.id, paused: !paused })}
      >
        {t(paused ? 'buyer.offer.resume' : 'buyer.offer.pause')}
      </ActionButton>
      <ActionButton
        size="xs"
        variant="light"
        danger
        title={t('publisher.postbacks.deleteTitle', { name: postback.name })}
        text={t('publisher.postbacks.deleteText')}
        confirmLabel={t('buyer.endpoints.delete')}
        action={remove}
        input={() => ({ id: postback.id })}
      >
        {t('buyer.endpoints.delete')}
      </ActionButton>
    </Group>
  );
}

function Log({
  postbacks,
  postback,
  state,
  onFilter,
  filtered,
  paging,
}: {
  postbacks: readonly Postback[];
  postback: string | undefined;
  state: string | undefined;
  onFilter: (name: 'postback' | 'state', value: string | null) => void;
  filtered: boolean;
  paging: { pages: number; onPages: (pages: number) => void };
}) {
  const { t } = useTranslation();
  const notices = useNotices(
    { postbackId: postback ?? null, state: oneOf(state, enums.DeliveryState) ?? null },
    paging,
  );
  return (
    <Section>
      <Stack>
        <FilterBar>
          <Select
            label={t('publisher.postbacks.one')}
            size="sm"
            w={240}
            clearable
            searchable
            placeholder={t('common.all')}
            data={postbacks.map((each) => ({ value: each.id, label: each.name }))}
            value={postback ?? null}
            onChange={(next) => onFilter('postback', next)}
          />
          <EnumFilter
            of="DeliveryState"
            label={t('common.state')}
            value={state}
            onChange={(next) => onFilter('state', next)}
          />
        </FilterBar>
        <NoticeTable
          notices={notices}
          nameOf={(id) => postbacks.find((each) => each.id === id)?.name}
          empty={t(filtered ? 'common.emptyFiltered' : 'publisher.postbacks.noLog')}
        />
      </Stack>
    </Section>
  );
}

function Macros() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const read = useRead(MacrosQuery, {});
  return (
    <Section>
      <Text size="sm" mb="sm">
        {t('publisher.postbacks.macrosText')}
      </Text>
      <ReadTable
        read={read}
        pick={(data) => data.postbackMacros}
        rowKey={(row) => row.name}
        caption={t('publisher.postbacks.tab.macros')}
        columns={[
          {
            id: 'name',
            header: t('publisher.postbacks.macro'),
            cell: (row) => <Code>{`{${row.name}}`}</Code>,
          },
          {
            id: 'about',
            header: t('publisher.postbacks.means'),
            cell: (row) => localized(row.about),
          },
          {
            id: 'example',
            header: t('publisher.postbacks.example'),
            cell: (row) =>
              row.example === '' ? (
                '–'
              ) : (
                <Code style={{ overflowWrap: 'anywhere' }}>{row.example}</Code>
              ),
          },
        ]}
      />
    </Section>
  );
}
