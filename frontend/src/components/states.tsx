import { Alert, Button, Center, Group, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from 'urql';
import { type Problem, problemsOf, problemText } from '../lib/errors';

export function LoadingState() {
  const { t } = useTranslation();
  return (
    <Center p="xl" role="status" aria-live="polite">
      <Group gap="sm">
        <Loader size="sm" />
        <Text c="dimmed">{t('common.loading')}</Text>
      </Group>
    </Center>
  );
}

export function EmptyState({ title, children }: { title?: string; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Center p="xl">
      <Stack align="center" gap="xs">
        <Text c="dimmed">{title ?? t('common.empty')}</Text>
        {children}
      </Stack>
    </Center>
  );
}

/** A read that failed, with the reason in words and a way to try again. */
export function ErrorState({ error, onRetry }: { error: CombinedError; onRetry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="red" title={t('common.failed')} role="alert" my="md">
      <Stack gap="sm" align="flex-start">
        {problemsOf(error).map((problem, index) => (
          <Text size="sm" key={index}>
            {problemText(problem, t)}
          </Text>
        ))}
        {onRetry !== undefined && (
          <Button size="xs" variant="light" color="red" onClick={onRetry}>
            {t('common.retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** What an action was refused for. Nothing when there is nothing to say. */
export function Problems({ problems }: { problems: readonly Problem[] }) {
  const { t } = useTranslation();
  if (problems.length === 0) return null;
  return (
    <Alert color="red" role="alert">
      {problems.map((problem, index) => (
        <Text size="sm" key={index}>
          {problemText(problem, t)}
          {problem.field != null && problem.field !== '' && (
            <Text span c="dimmed" size="xs">
              {' '}
              ({problem.field})
            </Text>
          )}
        </Text>
      ))}
    </Alert>
  );
}
