import { Checkbox, Code, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { ConfirmButton } from '../../components/ConfirmButton';
import { DataTable, SimpleTable } from '../../components/DataTable';
import { FormDialog } from '../../components/FormDialog';
import { Page, Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { When } from '../../components/text';
import { PageFields, UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useConnection } from '../../lib/use-connection';
import { useRead } from '../../lib/use-read';
import { useUrlState } from '../../lib/use-url-state';
import { OfferSelect, useOfferNames } from '../market/offers';
import { SecretOnce } from '../market/SecretOnce';
import { useReasonText } from '../shared/reasons';

const TokensQuery = graphql(`
  query PostbackTokens {
    postbackTokens {
      id
      name
      prefix
      offerId
      signed
      createdAt
      lastUsedAt
      revokedAt
    }
  }
`);

const PostbacksQuery = graphql(
  `
    query Postbacks($refused: Boolean, $first: Int, $after: String) {
      postbacks(refused: $refused, first: $first, after: $after) {
        nodes {
          id
          tokenId
          method
          awardId
          goal
          conversionId
          code
          field
          replayed
          at
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

const CreateToken = graphql(
  `
    mutation CreatePostbackToken($input: CreatePostbackTokenInput!) {
      createPostbackToken(input: $input) {
        secrets {
          path
          signingSecret
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const RotateToken = graphql(
  `
    mutation RotatePostbackToken($input: RotatePostbackTokenInput!) {
      rotatePostbackToken(input: $input) {
        secrets {
          path
          signingSecret
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const RevokeToken = graphql(
  `
    mutation RevokePostbackToken($input: RevokePostbackTokenInput!) {
      revokePostbackToken(input: $input) {
        token {
          id
          revokedAt
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type Data = ResultOf<typeof TokensQuery>;
type Token = Data['postbackTokens'][number];

/** What is shown once: first the address, then the key of the signatures. */
interface Secrets {
  path: string;
  signingSecret: string | null;
}

/** Shows what is shown once, one after the other. */
function useSecrets() {
  const { t } = useTranslation();
  const [secrets, setSecrets] = useState<Secrets | null>(null);
  const [seen, setSeen] = useState(false);
  const address = secrets === null ? null : `${window.location.origin}${secrets.path}`;
  const key = secrets?.signingSecret ?? null;
  const dialogs = (
    <>
      <SecretOnce
        title={t('buyer.postbacks.address')}
        secret={seen ? null : address}
        onClose={() => (key === null ? setSecrets(null) : setSeen(true))}
      />
      <SecretOnce
        title={t('buyer.postbacks.key')}
        secret={seen ? key : null}
        onClose={() => setSecrets(null)}
      />
    </>
  );
  const show = (made: Secrets | null) => {
    setSeen(false);
    setSecrets(made);
  };
  return { dialogs, show };
}

function Create({ onMade }: { onMade: (made: Secrets | null) => void }) {
  const { t } = useTranslation();
  const create = useAction(CreateToken);
  const form = useForm({
    initialValues: { name: '', offerId: null as string | null, signed: true },
    validate: { name: (value) => (value.trim() === '' ? t('common.required') : null) },
  });
  return (
    <FormDialog
      label={t('buyer.postbacks.create')}
      form={form}
      running={create.running}
      onSend={async ({ name, offerId, signed }) => {
        const outcome = await create.run({ name: name.trim(), offerId, signed });
        if (outcome.ok) onMade(outcome.payload.secrets);
        return outcome;
      }}
    >
      <TextInput
        label={t('common.name')}
        required
        maxLength={100}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <OfferSelect {...form.getInputProps('offerId')} />
      <Checkbox
        label={t('buyer.postbacks.signed')}
        description={t('buyer.postbacks.signedHint')}
        {...form.getInputProps('signed', { type: 'checkbox' })}
      />
    </FormDialog>
  );
}

function TokenActions({ token, onMade }: { token: Token; onMade: (made: Secrets | null) => void }) {
  const { t } = useTranslation();
  const rotate = useAction(RotateToken);
  const revoke = useAction(RevokeToken);
  return (
    <Group gap="xs" wrap="nowrap">
      <ConfirmButton
        size="xs"
        variant="light"
        title={t('buyer.postbacks.rotateTitle')}
        text={t('buyer.postbacks.rotateText')}
        confirmLabel={t('buyer.postbacks.rotate')}
        problems={rotate.problems}
        onOpen={rotate.clear}
        onConfirm={async () => {
          const outcome = await rotate.run({ id: token.id });
          if (outcome.ok) onMade(outcome.payload.secrets);
          return outcome.ok;
        }}
      >
        {t('buyer.postbacks.rotate')}
      </ConfirmButton>
      <ActionButton
        size="xs"
        variant="light"
        danger
        title={t('buyer.postbacks.revokeTitle')}
        text={t('buyer.postbacks.revokeText')}
        confirmLabel={t('buyer.postbacks.revoke')}
        action={revoke}
        input={() => ({ id: token.id })}
      >
        {t('buyer.postbacks.revoke')}
      </ActionButton>
    </Group>
  );
}

function Tokens({ data, onMade }: { data: Data; onMade: (made: Secrets | null) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const { nameOf } = useOfferNames();
  if (data.postbackTokens.length === 0) {
    return <EmptyState title={t('buyer.postbacks.none')} />;
  }
  return (
    <SimpleTable
      rows={data.postbackTokens}
      rowKey={(row) => row.id}
      caption={t('buyer.postbacks.addresses')}
      columns={[
        { id: 'name', header: t('common.name'), cell: (row) => row.name },
        {
          id: 'prefix',
          header: t('buyer.postbacks.token'),
          cell: (row) => <Code>{row.prefix}…</Code>,
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
          id: 'signed',
          header: t('buyer.postbacks.signed'),
          cell: (row) => t(row.signed ? 'common.yes' : 'common.no'),
        },
        {
          id: 'used',
          header: t('buyer.postbacks.lastUsed'),
          cell: (row) => <When at={row.lastUsedAt} />,
        },
        {
          id: 'actions',
          header: t('common.actions'),
          cell: (row) =>
            row.revokedAt !== null ? (
              <Text size="xs" c="dimmed">
                {t('buyer.postbacks.ended')} <When at={row.revokedAt} />
              </Text>
            ) : (
              can('MANAGE_OFFERS') && <TokenActions token={row} onMade={onMade} />
            ),
        },
      ]}
    />
  );
}

const SHOWN = ['all', 'taken', 'refused'] as const;

function Log({ names }: { names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation();
  const reason = useReasonText();
  const url = useUrlState(['show']);
  const show = SHOWN.find((each) => each === url.filters.show) ?? 'all';
  const rows = useConnection(
    PostbacksQuery,
    { refused: show === 'all' ? null : show === 'refused' },
    (data) => data.postbacks,
    url.paging,
  );
  return (
    <Section title={t('buyer.postbacks.log')}>
      <SegmentedControl
        mb="sm"
        aria-label={t('common.state')}
        value={show}
        onChange={(next) => url.setFilter('show', next === 'all' ? null : next)}
        data={SHOWN.map((value) => ({ value, label: t(`buyer.postbacks.show.${value}`) }))}
      />
      <DataTable
        connection={rows}
        rowKey={(row) => row.id}
        caption={t('buyer.postbacks.log')}
        empty={
          <EmptyState title={t(url.filtered ? 'common.emptyFiltered' : 'buyer.postbacks.noLog')} />
        }
        columns={[
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
          {
            id: 'token',
            header: t('buyer.postbacks.address'),
            cell: (row) => names.get(row.tokenId) ?? '–',
          },
          {
            id: 'goal',
            header: t('shared.goal'),
            cell: (row) => (row.goal === null ? '–' : t(`enums.GoalKind.${row.goal}`)),
          },
          {
            id: 'award',
            header: t('shared.award'),
            cell: (row) => (row.awardId === null ? '–' : <IdLink id={row.awardId} />),
          },
          {
            id: 'verdict',
            header: t('buyer.sales.verdict'),
            cell: (row) =>
              row.code === 'OK' ? (
                <>
                  {row.conversionId === null ? (
                    t('buyer.postbacks.taken')
                  ) : (
                    <IdLink id={row.conversionId} />
                  )}
                  {row.replayed && (
                    <Text size="xs" c="dimmed">
                      {t('buyer.postbacks.replayed')}
                    </Text>
                  )}
                </>
              ) : (
                <Text size="sm" c="red.8" title={row.code}>
                  {reason({ code: row.code })}
                  {row.field !== null && (
                    <Code ml={4} c="dimmed">
                      {row.field}
                    </Code>
                  )}
                </Text>
              ),
          },
        ]}
      />
    </Section>
  );
}

/** Addresses at which a tracker or a shop reports what came of leads, and everything that came in. */
export function PostbacksPage() {
  const { t } = useTranslation();
  const can = useCan();
  const read = useRead(TokensQuery, {});
  const secrets = useSecrets();
  return (
    <ReadState read={read} pick={(data) => data}>
      {(data) => (
        <Page
          title={t('buyer.postbacks.title')}
          actions={can('MANAGE_OFFERS') ? <Create onMade={secrets.show} /> : null}
        >
          <Text size="sm">{t('buyer.postbacks.text')}</Text>
          <Section title={t('buyer.postbacks.addresses')}>
            <Tokens data={data} onMade={secrets.show} />
          </Section>
          <Log names={new Map(data.postbackTokens.map((token) => [token.id, token.name]))} />
          {secrets.dialogs}
        </Page>
      )}
    </ReadState>
  );
}
