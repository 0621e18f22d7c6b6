import { Group, Text } from '@mantine/core';
import { AppLink } from '../components/links';

export function Logo() {
  return (
    <AppLink to="/" underline="never" c="inherit">
      <Group gap={8} wrap="nowrap">
        <img src="/favicon.svg" width={28} height={28} alt="Leadbourse" />
        <Text fw={700} visibleFrom="xs" aria-hidden>
          Leadbourse
        </Text>
      </Group>
    </AppLink>
  );
}
