import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { StatusBadge } from '../../components/StatusBadge';
import { When } from '../../components/text';
import { graphql } from '../../lib/graphql';
import { useRead } from '../../lib/use-read';
import { OrganizationForm } from './OrganizationForm';

const OwnOrganizationQuery = graphql(`
  query OwnOrganization($id: ID!) {
    organization(id: $id) {
      id
      name
      kind
      state
      country
      timeZone
      createdAt
      decidedAt
      note
    }
  }
`);

/** What the exchange knows of the own organization; its owner changes it here. */
export function OrganizationPage() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const can = useCan();
  const [editing, setEditing] = useState(false);
  const read = useRead(OwnOrganizationQuery, { id: viewer.organization.id });
  return (
    <ReadState read={read} pick={(data) => data.organization}>
      {(organization) => (
        <Page
          title={organization.name}
          badge={<StatusBadge of="OrganizationState" value={organization.state} />}
          actions={
            can('MANAGE_ORGANIZATION') &&
            organization.state !== 'CLOSED' &&
            !editing && (
              <Button variant="default" onClick={() => setEditing(true)}>
                {t('account.edit')}
              </Button>
            )
          }
        >
          {editing && <OrganizationForm initial={organization} onDone={() => setEditing(false)} />}
          <Section title={t('account.organization')}>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={organization.id} /> },
                {
                  label: t('common.kind'),
                  value: t(`enums.OrganizationKind.${organization.kind}`),
                },
                { label: t('account.country'), value: organization.country ?? '–' },
                { label: t('account.timeZone'), value: organization.timeZone },
                { label: t('common.created'), value: <When at={organization.createdAt} /> },
                organization.decidedAt !== null && {
                  label: t('common.decided'),
                  value: <When at={organization.decidedAt} />,
                },
                organization.note !== null && { label: t('common.note'), value: organization.note },
              ]}
            />
          </Section>
          <Section title={t('account.you')}>
            <Facts
              facts={[
                { label: t('account.person'), value: viewer.user.name },
                { label: t('account.email'), value: viewer.user.email },
                { label: t('account.role'), value: t(`enums.Role.${viewer.role}`) },
              ]}
            />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}
