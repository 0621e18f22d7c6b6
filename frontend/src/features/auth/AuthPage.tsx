import { Box, Card, Container, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../../app/LanguageSwitch';

/** The frame of the pages for people who are not signed in. */
export function AuthPage({
  title,
  children,
  aside,
}: {
  title: string;
  children: ReactNode;
  aside?: ReactNode;
}) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · Leadbourse`;
  }, [title]);
  return (
    <Container size={520} py="xl" component="main">
      <Group justify="space-between" mb="lg">
        <Group gap={10}>
          <img src="/favicon.svg" width={36} height={36} alt="" />
          <Box>
            <Text fw={700} lh={1.1}>
              Leadbourse
            </Text>
            <Text size="xs" c="dimmed">
              {t('common.tagline')}
            </Text>
          </Box>
        </Group>
        <LanguageSwitch />
      </Group>
      <Stack>
        <Card withBorder radius="md" padding="lg">
          <Title order={1} fz="h2" mb="xs">
            {title}
          </Title>
          {children}
        </Card>
        {aside}
        <Text size="sm" c="dimmed">
          {t('auth.pitch')}
        </Text>
      </Stack>
    </Container>
  );
}
