import { PasswordInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';

import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { FormDialog } from '../../components/FormDialog';
import { ReadTable } from '../../components/ReadTable';
import { type Column } from '../../components/DataTable';
import { Page } from '../../components/layout';
import { useEnumOptions } from '../../components/StatusBadge';
import { When } from '../../components/text';
import { problemText } from '../../lib/errors';
import { UserErrorFields } from '../../lib/fragments';
import { type Enum, graphql, type ResultOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { rolesOf } from './roles';

const MembersQuery = graphql(`
  query Members($id: ID!) {
    organization(id: $id) {
      id
      members {
        id
        role
        createdAt
        user {
          id
          name
          email
        }
      }
    }
  }
`);

const AddMember = graphql(
  `
    mutation AddMember($input: AddMemberInput!) {
      addMember(input: $input) {
        membership {
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

const SetMemberRole = graphql(
  `
    mutation SetMemberRole($input: SetMemberRoleInput!) {
      setMemberRole(input: $input) {
        membership {
          id
          role
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const RemoveMember = graphql(
  `
    mutation RemoveMember($input: RemoveMemberInput!) {
      removeMember(input: $input) {
        ok
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type Member = NonNullable<ResultOf<typeof MembersQuery>['organization']>['members'][number];
type Role = Enum<'Role'>;

/** Who works in the organization, and in which role. */
export function MembersPage() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const can = useCan();
  const read = useRead(MembersQuery, { id: viewer.organization.id });
  const manages = can('MANAGE_ORGANIZATION');
  const columns: Column<Member>[] = [
    { id: 'name', header: t('account.person'), cell: (row) => row.user.name },
    { id: 'email', header: t('account.email'), cell: (row) => row.user.email },
    {
      id: 'role',
      header: t('account.role'),
      cell: (row) => (manages ? <RoleSelect member={row} /> : t(`enums.Role.${row.role}`)),
    },
    { id: 'at', header: t('account.since'), cell: (row) => <When at={row.createdAt} day /> },
    ...(manages
      ? [
          {
            id: 'actions',
            header: t('common.actions'),
            cell: (row: Member) => <RemoveButton member={row} self={viewer.user.id} />,
          },
        ]
      : []),
  ];
  return (
    <Page title={t('account.members')} actions={manages && <AddButton />}>
      <ReadTable
        read={read}
        pick={(data) => data.organization?.members}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('account.members')}
      />
    </Page>
  );
}

function RoleSelect({ member }: { member: Member }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const set = useAction(SetMemberRole);
  const options = useEnumOptions('Role', rolesOf(viewer.organization.kind));
  const [problem] = set.problems;
  return (
    <Select
      aria-label={`${t('account.role')}: ${member.user.name}`}
      size="sm"
      w={180}
      allowDeselect={false}
      data={options}
      value={member.role}
      disabled={set.running}
      error={problem ? problemText(problem, t) : undefined}
      onChange={(role) => {
        if (role !== null && role !== member.role) {
          void set.run({ membershipId: member.id, role: role as Role });
        }
      }}
    />
  );
}

function RemoveButton({ member, self }: { member: Member; self: string }) {
  const { t } = useTranslation();
  const remove = useAction(RemoveMember);
  return (
    <ActionButton
      size="xs"
      variant="light"
      danger
      title={t('account.removeTitle', { name: member.user.name })}
      text={t(member.user.id === self ? 'account.removeSelf' : 'account.removeText')}
      confirmLabel={t('account.remove')}
      action={remove}
      input={() => ({ membershipId: member.id })}
    >
      {t('account.remove')}
    </ActionButton>
  );
}

function AddButton() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const roles = rolesOf(viewer.organization.kind);
  const options = useEnumOptions('Role', roles);
  const add = useAction(AddMember);
  const form = useForm({
    initialValues: { email: '', name: '', role: roles.at(-1) ?? 'ANALYST', password: '' },
    validate: {
      email: (email) => (/^\S+@\S+\.\S+$/.test(email.trim()) ? null : t('account.badEmail')),
      name: (name) => (name.trim() === '' ? t('common.required') : null),
      password: (password) =>
        password !== '' && password.length < 10 ? t('account.shortPassword') : null,
    },
  });
  return (
    <FormDialog
      label={t('account.add')}
      form={form}
      running={add.running}
      onSend={async ({ email, name, role, password }) => {
        const outcome = await add.run({
          email: email.trim(),
          name: name.trim(),
          role,
          password: password === '' ? null : password,
        });
        if (outcome.ok) notifications.show({ color: 'teal', message: t('account.added') });
        return outcome;
      }}
    >
      <TextInput
        label={t('account.email')}
        type="email"
        required
        data-autofocus
        {...form.getInputProps('email')}
      />
      <TextInput label={t('account.person')} required {...form.getInputProps('name')} />
      <Select
        label={t('account.role')}
        allowDeselect={false}
        data={options}
        {...form.getInputProps('role')}
      />
      <PasswordInput
        label={t('account.password')}
        description={t('account.passwordHint')}
        autoComplete="new-password"
        {...form.getInputProps('password')}
      />
    </FormDialog>
  );
}
