import { Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../components/links';

/** No such page, or none for this reader: the two look the same. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Stack align="flex-start" p="xl">
      <Title order={1} fz="h2">
        {t('common.notFound')}
      </Title>
      <Text c="dimmed">{t('common.notFoundText')}</Text>
      <ButtonLink to="/" variant="light">
        {t('common.home')}
      </ButtonLink>
    </Stack>
  );
}
