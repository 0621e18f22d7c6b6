import { Button, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Viewer } from './session';
import { useWorkspace } from './workspace';

/** For people with several organizations: which one they act for. */
export function WorkspaceSwitch({ viewer }: { viewer: Viewer }) {
  const { t } = useTranslation();
  const { restart } = useWorkspace();
  const navigate = useNavigate();
  if (viewer.memberships.length < 2) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" size="xs" aria-label={t('common.switchWorkspace')}>
          {t('common.workspace')} ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {viewer.memberships.map((membership) => (
          <Menu.Item
            key={membership.id}
            disabled={membership.organization.id === viewer.organization.id}
            onClick={() => {
              void navigate({ to: '/' }).then(() => restart(membership.organization.id));
            }}
          >
            {membership.organization.name} ·{' '}
            {t(`enums.OrganizationKind.${membership.organization.kind}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
