import { Alert, AppShell, Box, Burger, Group, NavLink, ScrollArea, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from './LanguageSwitch';
import { LiveAwards } from './LiveAwards';
import { Logo } from './Logo';
import { navigation } from './nav';
import { OpenId } from './OpenId';
import type { Viewer } from './session';
import { useCan } from './session';
import { UserMenu } from './UserMenu';
import { WorkspaceSwitch } from './WorkspaceSwitch';

/** Whether a page belongs to an entry: `/operator/leads` stands for `/leads/lead_…` too. */
function isActive(path: string, to: string): boolean {
  if (to === '/' || path === to || path.startsWith(`${to}/`)) return to !== '/' || path === '/';
  const shared = path.split('/')[1] ?? '';
  return shared !== '' && to.split('/').length > 2 && to.endsWith(`/${shared}`);
}

function StateNotice({ viewer }: { viewer: Viewer }) {
  const { t } = useTranslation();
  switch (viewer.organization.state) {
    case 'ACTIVE':
      return null;
    case 'PENDING':
      return (
        <Alert color="yellow" title={t('common.pendingTitle')} mb="md">
          {t('common.pendingText')}
        </Alert>
      );
    case 'SUSPENDED':
      return (
        <Alert color="orange" title={t('common.suspendedTitle')} mb="md">
          {t('common.suspendedText')}
        </Alert>
      );
    case 'CLOSED':
      return (
        <Alert color="gray" title={t('common.closedTitle')} mb="md">
          {t('common.closedText')}
        </Alert>
      );
  }
}

/** The frame of every page: navigation of the role, workspace, language, person. */
export function Shell({ viewer, children }: { viewer: Viewer; children: ReactNode }) {
  const { t } = useTranslation();
  const can = useCan();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure(false);
  useEffect(close, [pathname, close]);
  const items = navigation(viewer.organization.kind).filter(
    (item) => item.permission === undefined || can(item.permission),
  );

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip-link" href="#content">
        {t('common.skip')}
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={t('common.menu')}
            />
            <Logo />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <OpenId />
            <WorkspaceSwitch viewer={viewer} />
            <LanguageSwitch signedIn />
            <UserMenu viewer={viewer} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('common.menu')}>
        <AppShell.Section px="sm" py="xs">
          <Text size="xs" c="dimmed">
            {t(`enums.OrganizationKind.${viewer.organization.kind}`)}
          </Text>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {viewer.organization.name}
          </Text>
        </AppShell.Section>
        <AppShell.Section grow component={ScrollArea}>
          {items.map((item) => (
            <NavLink
              key={item.to}
              label={t(item.label)}
              active={isActive(pathname, item.to)}
              renderRoot={(props) => (
                <Link
                  to={item.to}
                  {...props}
                  {...(isActive(pathname, item.to) ? { 'aria-current': 'page' } : {})}
                />
              )}
            />
          ))}
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Box maw={1280} mx="auto">
          <StateNotice viewer={viewer} />
          {children}
        </Box>
      </AppShell.Main>
      {viewer.organization.kind !== 'PUBLISHER' && <LiveAwards />}
    </AppShell>
  );
}
