import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable } from '../../../components/DataTable';
import { InstantInput } from '../../../components/InstantInput';
import { Page } from '../../../components/layout';
import { AppLink } from '../../../components/links';
import { EmptyState, Problems } from '../../../components/states';
import { MoneyList, When } from '../../../components/text';
import { MoneyFields, PageFields, UserErrorFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { shortId } from '../../../lib/ids';
import { useAction } from '../../../lib/use-action';
import { useConnection } from '../../../lib/use-connection';
import { useUrlState } from '../../../lib/use-url-state';
import { RunState } from './RunState';

const RunsQuery = graphql(
  `
    query SettlementRuns($first: Int, $after: String) {
      settlementRuns(first: $first, after: $after) {
        nodes {
          id
          periodFrom
          periodTo
          state
          totals {
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
  [MoneyFields, PageFields],
);

const PlanSettlement = graphql(
  `
    mutation PlanSettlement($input: PlanSettlementInput!) {
      planSettlement(input: $input) {
        run {
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

function Plan() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const plan = useAction(PlanSettlement, { idempotent: true });
  const [opened, setOpened] = useState(false);
  const [until, setUntil] = useState<string | null>(null);
  const submit = async () => {
    if (until === null) return;
    const outcome = await plan.run({ periodTo: new Date(until).toISOString() });
    if (!outcome.ok) return;
    setOpened(false);
    const id = outcome.payload.run?.id;
    notifications.show({ color: 'teal', message: t('operator.settlements.planned') });
    if (id !== undefined) await navigate({ to: `/operator/settlements/${id}` });
  };
  return (
    <>
      <Button onClick={() => setOpened(true)}>{t('operator.settlements.plan')}</Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('operator.settlements.plan')}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Stack>
            <Text size="sm">{t('operator.settlements.planText')}</Text>
            <InstantInput
              label={t('operator.settlements.periodTo')}
              required
              maxDate={new Date()}
              value={until}
              onChange={setUntil}
            />
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={() => setUntil(localNow())}
              style={{ alignSelf: 'flex-start' }}
            >
              {t('operator.settlements.now')}
            </Button>
            <Problems problems={plan.problems} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpened(false)}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={plan.running} disabled={until === null}>
                {t('operator.settlements.plan')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

/** Now, as the picker writes it: local, `YYYY-MM-DD HH:mm:ss`. */
function localNow(): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${String(now.getFullYear())}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
}

export function Settlements() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState([]);
  const list = useConnection(RunsQuery, {}, (data) => data.settlementRuns, url.paging);
  return (
    <Page title={t('operator.settlements.title')} actions={can('SETTLE') ? <Plan /> : null}>
      <DataTable
        connection={list}
        empty={<EmptyState title={t('operator.settlements.none')} />}
        rowKey={(row) => row.id}
        columns={[
          {
            id: 'id',
            header: t('common.id'),
            cell: (row) => (
              <AppLink to={`/operator/settlements/${row.id}`} ff="monospace" fz="sm">
                {shortId(row.id)}
              </AppLink>
            ),
          },
          {
            id: 'period',
            header: t('shared.period'),
            cell: (row) => (
              <>
                <When at={row.periodFrom} /> – <When at={row.periodTo} />
              </>
            ),
          },
          { id: 'state', header: t('common.state'), cell: (row) => <RunState state={row.state} /> },
          {
            id: 'totals',
            header: t('shared.total'),
            align: 'right',
            cell: (row) => <MoneyList amounts={row.totals} />,
          },
          {
            id: 'created',
            header: t('common.created'),
            cell: (row) => <When at={row.createdAt} />,
          },
        ]}
      />
    </Page>
  );
}
