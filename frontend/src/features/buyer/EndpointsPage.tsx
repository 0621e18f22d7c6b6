import { Badge, Group, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { FormDialog } from '../../components/FormDialog';
import { ReadTable } from '../../components/ReadTable';
import { ActionButton } from '../../components/ActionButton';
import { DataTable, type Column } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page, Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { PageFields, UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useConnection } from '../../lib/use-connection';
import { isSoon, usePolling } from '../../lib/use-polling';
import { useRead } from '../../lib/use-read';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import { OfferSelect, useOfferNames } from '../market/offers';
import { SecretOnce } from '../market/SecretOnce';
import { deliveryError } from '../shared/deliveryErrors';

const EndpointsQuery = graphql(`
  query Endpoints {
    endpoints {
      id
      url
      offerId
      state
      failingSince
      createdAt
    }
  }
`);

const DeliveriesQuery = graphql(
  `
    query Deliveries($state: DeliveryState, $first: Int, $after: String) {
      deliveries(state: $state, first: $first, after: $after) {
        nodes {
          id
          awardId
          endpointUrl
          state
          attempts {
            n
            status
            error
          }
          nextAt
          lastError
          createdAt
          deliveredAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

const CreateEndpoint = graphql(
  `
    mutation CreateEndpoint($input: CreateEndpointInput!) {
      createEndpoint(input: $input) {
        endpoint {
          id
        }
        secret
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const SetEndpointPaused = graphql(
  `
    mutation SetEndpointPaused($input: SetEndpointPausedInput!) {
      setEndpointPaused(input: $input) {
        endpoint {
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

const DeleteEndpoint = graphql(
  `
    mutation DeleteEndpoint($input: DeleteEndpointInput!) {
      deleteEndpoint(input: $input) {
        endpoint {
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

const ReplayDelivery = graphql(
  `
    mutation ReplayFromList($input: ReplayDeliveryInput!) {
      replayDelivery(input: $input) {
        delivery {
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

type Data = ResultOf<typeof EndpointsQuery>;
type Endpoint = Data['endpoints'][number];
type Delivery = ResultOf<typeof DeliveriesQuery>['deliveries']['nodes'][number];

/** Where leads are delivered besides the inbox, and how it goes. */
export function EndpointsPage() {
  const { t } = useTranslation();
  const can = useCan();
  const read = useRead(EndpointsQuery, {});
  const columns = useEndpointColumns();
  return (
    <Page title={t('buyer.endpoints.title')} actions={can('MANAGE_OFFERS') && <CreateButton />}>
      <Text size="sm" c="dimmed">
        {t('buyer.endpoints.text')}
      </Text>
      <Section>
        <ReadTable
          read={read}
          pick={(data) => data.endpoints.filter((endpoint) => endpoint.state !== 'DELETED')}
          empty={t('buyer.endpoints.empty')}
          columns={columns}
          rowKey={(row) => row.id}
          caption={t('buyer.endpoints.title')}
        />
      </Section>
      <DeliveryList />
    </Page>
  );
}

function useEndpointColumns(): Column<Endpoint>[] {
  const { t } = useTranslation();
  const { nameOf } = useOfferNames();
  const can = useCan();
  return [
    {
      id: 'url',
      header: t('buyer.endpoints.url'),
      cell: (row) => (
        <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {row.url}
        </Text>
      ),
    },
    {
      id: 'offer',
      header: t('buyer.offer.one'),
      cell: (row) =>
        row.offerId === null ? (
          t('buyer.endpoints.allOffers')
        ) : (
          <IdLink id={row.offerId}>{nameOf(row.offerId)}</IdLink>
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
    { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
    {
      id: 'actions',
      header: t('common.actions'),
      cell: (row) => can('MANAGE_OFFERS') && <EndpointActions endpoint={row} />,
    },
  ];
}

function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation();
  const pause = useAction(SetEndpointPaused);
  const remove = useAction(DeleteEndpoint);
  const paused = endpoint.state === 'PAUSED';
  return (
    <Group gap="xs" wrap="nowrap">
      <ActionButton
        size="xs"
        variant="light"
        title={t(paused ? 'buyer.endpoints.resumeTitle' : 'buyer.endpoints.pauseTitle')}
        text={endpoint.url}
        confirmLabel={t(paused ? 'buyer.offer.resume' : 'buyer.offer.pause')}
        action={pause}
        input={() => ({ id: endpoint.id, paused: !paused })}
      >
        {t(paused ? 'buyer.offer.resume' : 'buyer.offer.pause')}
      </ActionButton>
      <ActionButton
        size="xs"
        variant="light"
        danger
        title={t('buyer.endpoints.deleteTitle')}
        text={t('buyer.endpoints.deleteText', { url: endpoint.url })}
        confirmLabel={t('buyer.endpoints.delete')}
        action={remove}
        input={() => ({ id: endpoint.id })}
      >
        {t('buyer.endpoints.delete')}
      </ActionButton>
    </Group>
  );
}

function CreateButton() {
  const { t } = useTranslation();
  const [secret, setSecret] = useState<string | null>(null);
  const create = useAction(CreateEndpoint);
  const form = useForm({
    initialValues: { url: '', offerId: null as string | null },
    validate: {
      url: (url) => (/^https?:\/\/\S+$/.test(url.trim()) ? null : t('buyer.endpoints.badUrl')),
    },
  });
  return (
    <>
      <FormDialog
        label={t('buyer.endpoints.create')}
        form={form}
        running={create.running}
        onSend={async ({ url, offerId }) => {
          const outcome = await create.run({ url: url.trim(), offerId });
          if (outcome.ok) setSecret(outcome.payload.secret);
          return outcome;
        }}
      >
        <TextInput
          label={t('buyer.endpoints.url')}
          description={t('buyer.endpoints.urlHint')}
          placeholder="https://crm.example.com/leads"
          required
          data-autofocus
          {...form.getInputProps('url')}
        />
        <OfferSelect {...form.getInputProps('offerId')} />
      </FormDialog>
      <SecretOnce
        title={t('buyer.endpoints.secret')}
        secret={secret}
        onClose={() => setSecret(null)}
      />
    </>
  );
}

function DeliveryList() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['state']);
  const rows = useConnection(
    DeliveriesQuery,
    { state: oneOf(url.filters.state, enums.DeliveryState) ?? null },
    (data) => data.deliveries,
    url.paging,
  );
  usePolling(
    rows.nodes.some((each) => each.state === 'PENDING' && isSoon(each.nextAt)),
    rows.reload,
  );
  const columns: Column<Delivery>[] = [
    { id: 'award', header: t('shared.award'), cell: (row) => <IdLink id={row.awardId} /> },
    {
      id: 'url',
      header: t('buyer.endpoints.url'),
      cell: (row) => (
        <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {row.endpointUrl}
        </Text>
      ),
    },
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => (
        <>
          <StatusBadge of="DeliveryState" value={row.state} />
          {row.lastError !== null && row.state !== 'DELIVERED' && (
            <Text size="xs" c="dimmed">
              {deliveryError(row.lastError, t)}
            </Text>
          )}
        </>
      ),
    },
    {
      id: 'attempts',
      header: t('buyer.endpoints.attempts'),
      align: 'right',
      cell: (row) => row.attempts.length,
    },
    {
      id: 'next',
      header: t('buyer.endpoints.next'),
      cell: (row) => <When at={row.state === 'PENDING' ? row.nextAt : row.deliveredAt} />,
    },
    { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
    {
      id: 'actions',
      header: t('common.actions'),
      cell: (row) =>
        can('MANAGE_OFFERS') && row.state !== 'PENDING' && <ReplayButton id={row.id} />,
    },
  ];
  return (
    <Section title={t('buyer.endpoints.deliveries')}>
      <FilterBar>
        <EnumFilter
          of="DeliveryState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
      </FilterBar>
      <DataTable
        connection={rows}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('buyer.endpoints.deliveries')}
        empty={
          <EmptyState
            title={t(url.filtered ? 'common.emptyFiltered' : 'buyer.endpoints.noDeliveries')}
          />
        }
      />
    </Section>
  );
}

function ReplayButton({ id }: { id: string }) {
  const { t } = useTranslation();
  const replay = useAction(ReplayDelivery, { idempotent: true });
  return (
    <ActionButton
      size="compact-xs"
      variant="light"
      title={t('buyer.endpoints.replayTitle')}
      text={t('buyer.endpoints.replayText')}
      confirmLabel={t('buyer.endpoints.replay')}
      action={replay}
      input={() => ({ id })}
    >
      {t('buyer.endpoints.replay')}
    </ActionButton>
  );
}
