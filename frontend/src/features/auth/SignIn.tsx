import { Alert, Button, Group, PasswordInput, Stack, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../app/session';
import { useWorkspace } from '../../app/workspace';
import { placeProblems } from '../../components/forms';
import { AppLink } from '../../components/links';
import { Problems } from '../../components/states';
import type { Problem } from '../../lib/errors';
import { graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { AuthPage } from './AuthPage';

const SignInMutation = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      viewer {
        csrfToken
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`);

const DemoQuery = graphql(`
  query Demo {
    demo {
      logins {
        email
        password
        organization
        kind
      }
    }
  }
`);

interface Credentials {
  email: string;
  password: string;
}

function DemoLogins({ onUse }: { onUse: (credentials: Credentials) => void }) {
  const { t } = useTranslation();
  const { data } = useRead(DemoQuery, {});
  const logins = data?.demo?.logins ?? [];
  if (logins.length === 0) return null;
  return (
    <Alert color="cyan" title={t('auth.demoTitle')}>
      <Text size="sm" mb="xs">
        {t('auth.demoText')}
      </Text>
      <Table verticalSpacing={4}>
        <Table.Tbody>
          {logins.map((login) => (
            <Table.Tr key={login.email}>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {login.organization}
                </Text>
                <Text size="xs" c="dimmed">
                  {t(`enums.OrganizationKind.${login.kind}`)} · {login.email}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  size="xs"
                  variant="white"
                  onClick={() => onUse(login)}
                  aria-label={`${t('auth.demoUse')}: ${login.organization}`}
                >
                  {t('auth.demoUse')}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Alert>
  );
}

/** Only a path of this site may be returned to after signing in. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/';
}

export function SignIn() {
  const { t } = useTranslation();
  const { viewer } = useSession();
  const { restart } = useWorkspace();
  const navigate = useNavigate();
  const search: { next?: unknown } = useSearch({ strict: false });
  const next = safeNext(search.next);
  const signIn = useAction(SignInMutation);
  const [problems, setProblems] = useState<Problem[]>([]);
  const form = useForm<Credentials>({
    mode: 'controlled',
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.includes('@') ? null : t('auth.emailBad')),
      password: (value) => (value === '' ? t('common.required') : null),
    },
  });

  if (viewer !== null) return <Navigate to={next} replace />;

  const submit = async (values: Credentials) => {
    const outcome = await signIn.run(values);
    if (!outcome.ok) {
      setProblems(placeProblems(form, outcome.problems, t));
      return;
    }
    setProblems([]);
    await navigate({ to: next });
    restart(null);
  };

  return (
    <AuthPage
      title={t('auth.signIn')}
      aside={<DemoLogins onUse={({ email, password }) => form.setValues({ email, password })} />}
    >
      <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <Stack>
          <TextInput
            label={t('auth.email')}
            type="email"
            autoComplete="username"
            required
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('auth.password')}
            autoComplete="current-password"
            required
            {...form.getInputProps('password')}
          />
          <Problems problems={problems} />
          <Group justify="space-between">
            <Text size="sm">
              {t('auth.noAccount')} <AppLink to="/sign-up">{t('auth.signUp')}</AppLink>
            </Text>
            <Button type="submit" loading={signIn.running}>
              {t('auth.signIn')}
            </Button>
          </Group>
        </Stack>
      </form>
    </AuthPage>
  );
}
