import {
  Button,
  Group,
  PasswordInput,
  Radio,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../app/session';
import { useWorkspace } from '../../app/workspace';
import { placeProblems } from '../../components/forms';
import { AppLink } from '../../components/links';
import { Problems } from '../../components/states';
import { asLanguage } from '../../i18n';
import type { Problem } from '../../lib/errors';
import { graphql } from '../../lib/graphql';
import { HERE, isCountry, ZONES } from '../../lib/places';
import { useAction } from '../../lib/use-action';
import { AuthPage } from './AuthPage';

const SignUpMutation = graphql(`
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
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

interface Values {
  kind: 'BUYER' | 'PUBLISHER';
  organizationName: string;
  name: string;
  email: string;
  password: string;
  country: string;
  timeZone: string;
}

export function SignUp() {
  const { t, i18n } = useTranslation();
  const { viewer } = useSession();
  const { restart } = useWorkspace();
  const navigate = useNavigate();
  const signUp = useAction(SignUpMutation);
  const [problems, setProblems] = useState<Problem[]>([]);
  const needed = (value: string) => (value.trim() === '' ? t('common.required') : null);
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: {
      kind: 'BUYER',
      organizationName: '',
      name: '',
      email: '',
      password: '',
      country: '',
      timeZone: HERE,
    },
    validate: {
      organizationName: needed,
      name: needed,
      email: (value) => (value.includes('@') ? null : t('auth.emailBad')),
      password: (value) => (value.length < 10 ? t('auth.passwordHint') : null),
      country: (value) => (isCountry(value) ? null : t('auth.countryHint')),
    },
  });

  if (viewer !== null) return <Navigate to="/" replace />;

  const submit = async ({ country, ...values }: Values) => {
    const outcome = await signUp.run({
      ...values,
      country: country === '' ? null : country.toUpperCase(),
      locale: asLanguage(i18n.language),
    });
    if (!outcome.ok) {
      setProblems(placeProblems(form, outcome.problems, t));
      return;
    }
    notifications.show({ color: 'teal', message: t('auth.signedUp') });
    await navigate({ to: '/' });
    restart(null);
  };

  return (
    <AuthPage title={t('auth.signUp')}>
      <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <Stack>
          <Radio.Group label={t('auth.kind')} {...form.getInputProps('kind')}>
            <Group mt={6}>
              <Radio value="BUYER" label={t('auth.buy')} />
              <Radio value="PUBLISHER" label={t('auth.sell')} />
            </Group>
          </Radio.Group>
          <TextInput
            label={t('auth.organizationName')}
            autoComplete="organization"
            required
            {...form.getInputProps('organizationName')}
          />
          <TextInput
            label={t('auth.yourName')}
            autoComplete="name"
            required
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('auth.email')}
            type="email"
            autoComplete="username"
            required
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('auth.password')}
            description={t('auth.passwordHint')}
            autoComplete="new-password"
            required
            {...form.getInputProps('password')}
          />
          <SimpleGrid cols={2}>
            <TextInput
              label={t('auth.country')}
              placeholder={t('auth.countryHint')}
              maxLength={2}
              autoComplete="country"
              {...form.getInputProps('country')}
            />
            <Select
              label={t('auth.timeZone')}
              searchable
              allowDeselect={false}
              limit={50}
              data={ZONES}
              {...form.getInputProps('timeZone')}
            />
          </SimpleGrid>
          <Problems problems={problems} />
          <Group justify="space-between">
            <Text size="sm">
              {t('auth.haveAccount')} <AppLink to="/sign-in">{t('auth.signIn')}</AppLink>
            </Text>
            <Button type="submit" loading={signUp.running}>
              {t('auth.signUp')}
            </Button>
          </Group>
        </Stack>
      </form>
    </AuthPage>
  );
}
