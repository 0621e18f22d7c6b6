import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable, SimpleTable } from '../../../components/DataTable';
import { Facts, Page, Section } from '../../../components/layout';
import { AppLink, Copyable } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText, useWord, When } from '../../../components/text';
import { useConnection } from '../../../lib/use-connection';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { OnTimeSection } from '../../orders/OnTime';
import { OrganizationDecision } from './OrganizationDecision';
import { BuyerTopUpsQuery, type Organization, OrganizationQuery } from './queries';

function Members({ members }: { members: Organization['members'] }) {
  const { t } = useTranslation();
  if (members.length === 0) return <EmptyState />;
  return (
    <SimpleTable
      rows={members}
      rowKey={(row) => row.id}
      columns={[
        { id: 'name', header: t('operator.organizations.member'), cell: (row) => row.user.name },
        { id: 'email', header: t('auth.email'), cell: (row) => row.user.email },
        {
          id: 'role',
          header: t('operator.organizations.role'),
          cell: (row) => t(`enums.Role.${row.role}`),
        },
        { id: 'since', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
      ]}
    />
  );
}

function TopUpsOf({ buyerId }: { buyerId: string }) {
  const { t } = useTranslation();
  const word = useWord();
  const list = useConnection(BuyerTopUpsQuery, { buyerId }, (data) => data.topUps);
  return (
    <DataTable
      connection={list}
      rowKey={(row) => row.id}
      columns={[
        {
          id: 'amount',
          header: t('common.amount'),
          align: 'right',
          cell: (row) => <MoneyText money={row.amount} />,
        },
        { id: 'rail', header: t('shared.rail'), cell: (row) => word('rails', row.rail) },
        { id: 'reference', header: t('shared.reference'), cell: (row) => row.reference },
        { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
      ]}
    />
  );
}

export function OrganizationDetail() {
  const { t } = useTranslation();
  const can = useCan();
  const id = useRouteId();
  const read = useRead(OrganizationQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.organization}>
      {(organization) => (
        <Page
          title={organization.name}
          trail={[{ label: t('operator.organizations.title'), to: '/operator/organizations' }]}
          badge={<StatusBadge of="OrganizationState" value={organization.state} />}
          actions={
            <OrganizationDecision
              id={organization.id}
              name={organization.name}
              state={organization.state}
            />
          }
        >
          <Section>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={organization.id} /> },
                {
                  label: t('common.kind'),
                  value: t(`enums.OrganizationKind.${organization.kind}`),
                },
                { label: t('auth.country'), value: organization.country ?? '–' },
                { label: t('auth.timeZone'), value: organization.timeZone },
                { label: t('common.created'), value: <When at={organization.createdAt} /> },
                { label: t('common.decided'), value: <When at={organization.decidedAt} /> },
                organization.note !== null && {
                  label: t('common.note'),
                  value: organization.note,
                },
                organization.kind === 'BUYER' && {
                  label: t('operator.organizations.business'),
                  value: (
                    <AppLink to={`/operator/offers?buyer=${organization.id}`} inherit>
                      {t('operator.offers.title')}
                    </AppLink>
                  ),
                },
                organization.kind === 'PUBLISHER' && {
                  label: t('operator.organizations.business'),
                  value: (
                    <AppLink to={`/operator/statements?publisher=${organization.id}`} inherit>
                      {t('shared.statements')}
                    </AppLink>
                  ),
                },
                can('READ_AUDIT') && {
                  label: t('operator.audit.title'),
                  value: <IdLinkToAudit id={organization.id} />,
                },
              ]}
            />
          </Section>
          <Section title={t('operator.organizations.members')}>
            <Members members={organization.members} />
          </Section>
          {organization.kind === 'PUBLISHER' && <OnTimeSection publisherId={organization.id} />}
          {organization.kind === 'BUYER' && can('READ_MONEY') && (
            <Section title={t('operator.topUps.title')}>
              <TopUpsOf buyerId={organization.id} />
            </Section>
          )}
        </Page>
      )}
    </ReadState>
  );
}

function IdLinkToAudit({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <AppLink to={`/operator/audit?subject=${id}`} inherit>
      {t('operator.audit.about')}
    </AppLink>
  );
}
