import { Box, Button, Card, Group, Stack, Tabs, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable } from '../../../components/DataTable';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState, ErrorState, LoadingState } from '../../../components/states';
import { useLocalized, When } from '../../../components/text';
import { useConnection } from '../../../lib/use-connection';
import { useUrlState } from '../../../lib/use-url-state';
import { ReviewQueueQuery } from '../offers/queries';
import { ReviewActions } from '../offers/ReviewActions';
import { VersionView } from '../offers/VersionView';
import { LeadsQuery, LeadTable } from '../leads/LeadList';
import { OrganizationDecision } from '../organizations/OrganizationDecision';
import { OrganizationsQuery } from '../organizations/queries';
import { SourcesQuery } from '../sources/queries';
import { SourceDecision } from '../sources/SourceDecision';

function PendingOrganizations() {
  const { t } = useTranslation();
  const list = useConnection(
    OrganizationsQuery,
    { kind: null, state: 'PENDING' as const },
    (data) => data.organizations,
  );
  return (
    <DataTable
      connection={list}
      empty={<EmptyState title={t('operator.approvals.none')} />}
      rowKey={(row) => row.id}
      columns={[
        {
          id: 'name',
          header: t('common.name'),
          cell: (row) => <IdLink id={row.id}>{row.name}</IdLink>,
        },
        {
          id: 'kind',
          header: t('common.kind'),
          cell: (row) => t(`enums.OrganizationKind.${row.kind}`),
        },
        { id: 'country', header: t('auth.country'), cell: (row) => row.country ?? '–' },
        { id: 'created', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
        {
          id: 'decide',
          header: t('common.actions'),
          cell: (row) => (
            <Group gap="xs" wrap="nowrap">
              <OrganizationDecision {...row} size="compact-sm" />
            </Group>
          ),
        },
      ]}
    />
  );
}

function OffersInReview() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const list = useConnection(ReviewQueueQuery, {}, (data) => data.offersInReview);
  if (list.loading) return <LoadingState />;
  if (list.error !== undefined && list.nodes.length === 0) {
    return <ErrorState error={list.error} onRetry={list.reload} />;
  }
  if (list.nodes.length === 0) return <EmptyState title={t('operator.approvals.none')} />;
  return (
    <Stack>
      {list.nodes.map((version) => (
        <Card key={version.id} withBorder padding="md">
          <Group justify="space-between" mb="sm">
            <Box>
              <Text fw={600} component="h2" fz="lg" m={0}>
                <IdLink id={version.offer.id}>{version.offer.name}</IdLink> ·{' '}
                {t('shared.versionN', { n: version.version })}
              </Text>
              <Text size="sm" c="dimmed">
                <IdLink id={version.offer.buyer.id}>{version.offer.buyer.name}</IdLink> ·{' '}
                {localized(version.offer.niche.name)} · <When at={version.submittedAt} />
              </Text>
            </Box>
            <Group gap="xs">
              <ReviewActions versionId={version.id} name={version.offer.name} />
            </Group>
          </Group>
          <VersionView version={version} niche={version.offer.niche} folded />
        </Card>
      ))}
      {list.hasMore && (
        <Button variant="default" onClick={list.more} loading={list.loadingMore}>
          {t('common.more')}
        </Button>
      )}
    </Stack>
  );
}

function PendingSources() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const list = useConnection(SourcesQuery, { state: 'PENDING' as const }, (data) => data.sources);
  return (
    <DataTable
      connection={list}
      empty={<EmptyState title={t('operator.approvals.none')} />}
      rowKey={(row) => row.id}
      columns={[
        {
          id: 'name',
          header: t('shared.source'),
          cell: (row) => <IdLink id={row.id}>{row.name}</IdLink>,
        },
        {
          id: 'publisher',
          header: t('shared.publisher'),
          cell: (row) => <IdLink id={row.publisher.id}>{row.publisher.name}</IdLink>,
        },
        {
          id: 'niche',
          header: t('shared.niche'),
          cell: (row) => <IdLink id={row.niche.id}>{localized(row.niche.name)}</IdLink>,
        },
        { id: 'traffic', header: t('operator.sources.traffic'), cell: (row) => row.traffic },
        {
          id: 'decide',
          header: t('common.actions'),
          cell: (row) => (
            <Group gap="xs" wrap="nowrap">
              <SourceDecision source={row} size="compact-sm" />
            </Group>
          ),
        },
      ]}
    />
  );
}

/** Leads in quarantine; each is decided on its own page, where its risks are shown. */
function HeldLeads() {
  const { t } = useTranslation();
  const list = useConnection(LeadsQuery, { state: 'QUARANTINED' as const }, (data) => data.leads);
  return (
    <LeadTable connection={list} empty={<EmptyState title={t('operator.approvals.none')} />} />
  );
}

/** Everything that waits for a moderator. */
export function Approvals() {
  const { t } = useTranslation();
  const can = useCan();
  const url = useUrlState(['tab']);
  const tab = url.filters.tab ?? 'organizations';
  return (
    <Page title={t('operator.approvals.title')}>
      {!can('MODERATE') && <Text c="dimmed">{t('common.noRight')}</Text>}
      <Tabs value={tab} onChange={(value) => url.setFilter('tab', value)} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="organizations">{t('operator.organizations.title')}</Tabs.Tab>
          <Tabs.Tab value="offers">{t('operator.offers.title')}</Tabs.Tab>
          <Tabs.Tab value="sources">{t('operator.sources.title')}</Tabs.Tab>
          <Tabs.Tab value="leads">{t('operator.approvals.held')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="organizations">
          <PendingOrganizations />
        </Tabs.Panel>
        <Tabs.Panel value="offers">
          <OffersInReview />
        </Tabs.Panel>
        <Tabs.Panel value="sources">
          <PendingSources />
        </Tabs.Panel>
        <Tabs.Panel value="leads">
          <HeldLeads />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
