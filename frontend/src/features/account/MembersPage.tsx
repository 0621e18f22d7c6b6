import { Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { ConfirmButton } from '../../components/ConfirmButton';
import { SimpleTable, type Column } from '../../components/DataTable';
import { placeProblems } from '../../components/forms';
import { Page } from '../../components/layout';
import { ReadState } from '../../components/ReadState';
import { Problems } from '../../components/states';
import { useEnumOptions } from '../../components/StatusBadge';
import { When } from '../../components/text';
import { type Problem, problemText } from '../../lib/errors';
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
      <ReadState read={read} pick={(data) => data.organization}>
        {(organization) => (
          <SimpleTable
            rows={organization.members}
            columns={columns}
            rowKey={(row) => row.id}
            caption={t('account.members')}
          />
        )}
      </ReadState>
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
    <ConfirmButton
      size="xs"
      variant="light"
      danger
      title={t('account.removeTitle', { name: member.user.name })}
      text={t(member.user.id === self ? 'account.removeSelf' : 'account.removeText')}
      confirmLabel={t('account.remove')}
      problems={remove.problems}
      onOpen={remove.clear}
      onConfirm={async () => (await remove.run({ membershipId: member.id })).ok}
    >
      {t('account.remove')}
    </ConfirmButton>
  );
}

function AddButton() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const roles = rolesOf(viewer.organization.kind);
  const options = useEnumOptions('Role', roles);
  const [opened, { open, close }] = useDisclosure(false);
  const [rest, setRest] = useState<Problem[]>([]);
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
  const submit = form.onSubmit(async ({ email, name, role, password }) => {
    const outcome = await add.run({
      email: email.trim(),
      name: name.trim(),
      role,
      password: password === '' ? null : password,
    });
    if (!outcome.ok) {
      setRest(placeProblems(form, outcome.problems, t));
      return;
    }
    notifications.show({ color: 'teal', message: t('account.added') });
    close();
  });
  return (
    <>
      <Button
        onClick={() => {
          form.reset();
          setRest([]);
          open();
        }}
      >
        {t('account.add')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('account.add')} centered>
        <form onSubmit={submit} noValidate>
          <Stack>
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
            <Problems problems={rest} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={add.running}>
                {t('account.add')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
