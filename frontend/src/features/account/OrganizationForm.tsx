import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { placeProblems } from '../../components/forms';
import { Section } from '../../components/layout';
import { Problems } from '../../components/states';
import type { Problem } from '../../lib/errors';
import { UserErrorFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { isCountry, zonesWith } from '../../lib/places';
import { useAction } from '../../lib/use-action';

const UpdateOrganization = graphql(
  `
    mutation UpdateOrganization($input: UpdateOrganizationInput!) {
      updateOrganization(input: $input) {
        organization {
          id
          name
          country
          timeZone
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

interface Settings {
  name: string;
  country: string | null;
  timeZone: string;
}

/** Changes what the organization says of itself. */
export function OrganizationForm({ initial, onDone }: { initial: Settings; onDone: () => void }) {
  const { t } = useTranslation();
  const update = useAction(UpdateOrganization);
  const [rest, setRest] = useState<Problem[]>([]);
  const form = useForm({
    initialValues: {
      name: initial.name,
      country: initial.country ?? '',
      timeZone: initial.timeZone,
    },
    validate: {
      name: (name) => (name.trim() === '' ? t('common.required') : null),
      country: (country) => (isCountry(country) ? null : t('auth.countryHint')),
    },
  });
  const submit = form.onSubmit(async ({ name, country, timeZone }) => {
    const outcome = await update.run({
      name: name.trim(),
      country: country === '' ? null : country.toUpperCase(),
      timeZone,
    });
    if (!outcome.ok) {
      setRest(placeProblems(form, outcome.problems, t));
      return;
    }
    notifications.show({ color: 'teal', message: t('account.saved') });
    onDone();
  });
  return (
    <Section title={t('account.edit')}>
      <form onSubmit={submit} noValidate>
        <Stack maw={520}>
          <Text size="sm" c="dimmed">
            {t('account.editText')}
          </Text>
          <TextInput
            label={t('account.organizationName')}
            description={t('account.nameHint')}
            required
            maxLength={120}
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('account.country')}
            description={t('auth.countryHint')}
            maxLength={2}
            {...form.getInputProps('country')}
          />
          <Select
            label={t('account.timeZone')}
            description={t('account.timeZoneHint')}
            searchable
            allowDeselect={false}
            limit={50}
            data={zonesWith(initial.timeZone)}
            {...form.getInputProps('timeZone')}
          />
          <Problems problems={rest} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onDone}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={update.running}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
