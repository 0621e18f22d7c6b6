import { Button, Menu, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { graphql } from '../lib/graphql';
import { useAction } from '../lib/use-action';
import type { Viewer } from './session';
import { useWorkspace } from './workspace';

const SignOut = graphql(`
  mutation SignOut($input: SignOutInput!) {
    signOut(input: $input) {
      ok
      userErrors {
        code
        field
        message
      }
    }
  }
`);

export function UserMenu({ viewer }: { viewer: Viewer }) {
  const { t } = useTranslation();
  const signOut = useAction(SignOut);
  const navigate = useNavigate();
  const { restart } = useWorkspace();
  const leave = async (all: boolean) => {
    await signOut.run({ all });
    await navigate({ to: '/sign-in' });
    restart(null);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" size="xs" px="xs" loading={signOut.running}>
          <Text span size="sm" truncate maw={140}>
            {viewer.user.name}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {viewer.user.email} · {t(`enums.Role.${viewer.role}`)}
        </Menu.Label>
        <Menu.Item onClick={() => void leave(false)}>{t('common.signOut')}</Menu.Item>
        <Menu.Item onClick={() => void leave(true)}>{t('common.signOutAll')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
