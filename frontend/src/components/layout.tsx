import { Box, Breadcrumbs, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { AppLink } from './links';

/** A page: its title (also the document's), what can be done, and its content. */
export function Page({
  title,
  actions,
  trail,
  badge,
  children,
}: {
  title: string;
  actions?: ReactNode;
  trail?: readonly { label: string; to: string }[];
  badge?: ReactNode;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Leadbourse`;
  }, [title]);
  return (
    <Stack gap="md">
      <Box>
        {trail !== undefined && (
          <Breadcrumbs fz="sm" mb={4}>
            {trail.map((each) => (
              <AppLink key={each.to} to={each.to} size="sm">
                {each.label}
              </AppLink>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="flex-start" gap="sm">
          <Group gap="sm" style={{ minWidth: 0 }}>
            <Title order={1} fz="h2" style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {badge}
          </Group>
          {actions !== undefined && <Group gap="xs">{actions}</Group>}
        </Group>
      </Box>
      {children}
    </Stack>
  );
}

/** A titled box of a page. */
export function Section({
  title,
  actions,
  children,
}: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Card withBorder radius="md" padding="md" component="section">
      {(title !== undefined || actions !== undefined) && (
        <Group justify="space-between" mb="sm" gap="sm">
          {title !== undefined && (
            <Title order={2} fz="h4">
              {title}
            </Title>
          )}
          {actions !== undefined && <Group gap="xs">{actions}</Group>}
        </Group>
      )}
      {children}
    </Card>
  );
}

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Labels and values. Facts that are false or null are left out. */
export function Facts({
  facts,
  cols = 3,
}: {
  facts: readonly (Fact | false | null)[];
  cols?: number;
}) {
  return (
    <SimpleGrid
      component="dl"
      cols={{ base: 1, xs: 2, md: cols }}
      spacing="md"
      verticalSpacing="sm"
      m={0}
    >
      {facts.map(
        (fact) =>
          fact !== false &&
          fact !== null && (
            <Box key={fact.label} style={{ minWidth: 0 }}>
              <Text component="dt" size="xs" c="dimmed">
                {fact.label}
              </Text>
              <Text component="dd" m={0} size="sm" style={{ overflowWrap: 'anywhere' }}>
                {fact.value}
              </Text>
            </Box>
          ),
      )}
    </SimpleGrid>
  );
}

/** One number of a start page. */
export function Stat({ label, value, to }: { label: string; value: ReactNode; to?: string }) {
  return (
    <Card withBorder radius="md" padding="md">
      <Text size="xs" c="dimmed">
        {to === undefined ? (
          label
        ) : (
          <AppLink to={to} size="xs">
            {label}
          </AppLink>
        )}
      </Text>
      <Text fz="xl" fw={700} component="div">
        {value}
      </Text>
    </Card>
  );
}
