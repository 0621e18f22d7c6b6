import {
  Badge,
  Code,
  Group,
  MultiSelect,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { FormDialog } from '../../components/FormDialog';
import { ReadTable } from '../../components/ReadTable';
import { type Column } from '../../components/DataTable';
import { Page } from '../../components/layout';
import { useEnumOptions } from '../../components/StatusBadge';
import { When } from '../../components/text';
import { UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { SecretOnce } from '../market/SecretOnce';
import { rolesOf } from './roles';
import { isScope } from './scopes';

const ApiKeysQuery = graphql(`
  query ApiKeys {
    apiKeys {
      id
      name
      prefix
      role
      scopes
      ipAllow
      createdAt
      lastUsedAt
      revokedAt
    }
  }
`);

const CreateApiKey = graphql(
  `
    mutation CreateApiKey($input: CreateApiKeyInput!) {
      createApiKey(input: $input) {
        apiKey {
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

const RevokeApiKey = graphql(
  `
    mutation RevokeApiKey($input: RevokeApiKeyInput!) {
      revokeApiKey(input: $input) {
        apiKey {
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

type ApiKey = ResultOf<typeof ApiKeysQuery>['apiKeys'][number];

/** Keys with which machines act for the organization. */
export function ApiKeysPage() {
  const { t } = useTranslation();
  const can = useCan();
  const read = useRead(ApiKeysQuery, {});
  const manages = can('MANAGE_ORGANIZATION');
  const columns = useColumns(manages);
  return (
    <Page title={t('account.keys.title')} actions={manages && <CreateButton />}>
      <Text size="sm" c="dimmed">
        {t('account.keys.text')} <Code>Authorization: Bearer …</Code>
      </Text>
      <ReadTable
        read={read}
        pick={(data) => data.apiKeys}
        empty={t('account.keys.empty')}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('account.keys.title')}
      />
    </Page>
  );
}

function useColumns(manages: boolean): Column<ApiKey>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'name',
      header: t('common.name'),
      cell: (row) => (
        <Stack gap={0}>
          <Text size="sm" fw={500}>
            {row.name}
          </Text>
          <Text size="xs" c="dimmed" ff="monospace">
            {row.prefix}…
          </Text>
        </Stack>
      ),
    },
    { id: 'role', header: t('account.role'), cell: (row) => t(`enums.Role.${row.role}`) },
    {
      id: 'scopes',
      header: t('account.keys.scopes'),
      cell: (row) => (
        <Group gap={4} maw={420}>
          {row.scopes.map((scope) => (
            <Badge key={scope} variant="default" radius="sm" tt="none" fw={400}>
              {isScope(scope) ? t(`account.scope.${scope}`) : scope}
            </Badge>
          ))}
          {row.ipAllow.length > 0 && (
            <Text size="xs" c="dimmed">
              {t('account.keys.onlyFrom', { addresses: row.ipAllow.join(', ') })}
            </Text>
          )}
        </Group>
      ),
    },
    { id: 'used', header: t('account.keys.lastUsed'), cell: (row) => <When at={row.lastUsedAt} /> },
    { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
    {
      id: 'actions',
      header: t('common.actions'),
      cell: (row) => {
        if (row.revokedAt !== null) {
          return (
            <Text size="sm" c="dimmed">
              {t('account.keys.revoked')} <When at={row.revokedAt} />
            </Text>
          );
        }
        return manages && <RevokeButton apiKey={row} />;
      },
    },
  ];
}

function RevokeButton({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  const revoke = useAction(RevokeApiKey);
  return (
    <ActionButton
      size="xs"
      variant="light"
      danger
      title={t('account.keys.revokeTitle', { name: apiKey.name })}
      text={t('account.keys.revokeText')}
      confirmLabel={t('account.keys.revoke')}
      action={revoke}
      input={() => ({ id: apiKey.id })}
    >
      {t('account.keys.revoke')}
    </ActionButton>
  );
}

function CreateButton() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const roles = rolesOf(viewer.organization.kind);
  const roleOptions = useEnumOptions('Role', roles);
  const [secret, setSecret] = useState<string | null>(null);
  const create = useAction(CreateApiKey);
  const form = useForm({
    initialValues: {
      name: '',
      role: roles[1] ?? 'MANAGER',
      scopes: [] as string[],
      ipAllow: [] as string[],
    },
    validate: {
      name: (name) => (name.trim() === '' ? t('common.required') : null),
      scopes: (scopes) => (scopes.length === 0 ? t('account.keys.chooseScopes') : null),
    },
  });
  return (
    <>
      <FormDialog
        label={t('account.keys.create')}
        form={form}
        running={create.running}
        onSend={async ({ name, ...input }) => {
          const outcome = await create.run({ name: name.trim(), ...input });
          if (outcome.ok) setSecret(outcome.payload.secret);
          return outcome;
        }}
      >
        <TextInput
          label={t('common.name')}
          description={t('account.keys.nameHint')}
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Select
          label={t('account.role')}
          allowDeselect={false}
          data={roleOptions}
          {...form.getInputProps('role')}
        />
        <MultiSelect
          label={t('account.keys.scopes')}
          description={t('account.keys.scopesHint')}
          required
          searchable
          data={viewer.permissions.map((permission) => ({
            value: permission,
            label: isScope(permission) ? t(`account.scope.${permission}`) : permission,
          }))}
          {...form.getInputProps('scopes')}
        />
        <TagsInput
          label={t('account.keys.ipAllow')}
          description={t('account.keys.ipAllowHint')}
          placeholder="203.0.113.0/24"
          {...form.getInputProps('ipAllow')}
        />
      </FormDialog>
      <SecretOnce
        title={t('account.keys.secret')}
        secret={secret}
        onClose={() => setSecret(null)}
      />
    </>
  );
}
