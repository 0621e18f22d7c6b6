import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import { OrganizationsQuery } from './queries';

export function OrganizationList() {
  const { t } = useTranslation();
  const url = useUrlState(['kind', 'state']);
  const list = useConnection(
    OrganizationsQuery,
    {
      kind: oneOf(url.filters.kind, enums.OrganizationKind) ?? null,
      state: oneOf(url.filters.state, enums.OrganizationState) ?? null,
    },
    (data) => data.organizations,
    url.paging,
  );
  return (
    <Page title={t('operator.organizations.title')}>
      <FilterBar>
        <EnumFilter
          of="OrganizationKind"
          label={t('common.kind')}
          value={url.filters.kind}
          onChange={(value) => url.setFilter('kind', value)}
        />
        <EnumFilter
          of="OrganizationState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
      </FilterBar>
      <DataTable
        connection={list}
        empty={<EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />}
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
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="OrganizationState" value={row.state} />,
          },
          { id: 'country', header: t('auth.country'), cell: (row) => row.country ?? '–' },
          { id: 'zone', header: t('auth.timeZone'), cell: (row) => row.timeZone },
          {
            id: 'created',
            header: t('common.created'),
            cell: (row) => <When at={row.createdAt} />,
          },
        ]}
      />
    </Page>
  );
}
