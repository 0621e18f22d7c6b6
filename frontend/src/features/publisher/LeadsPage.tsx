import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable, type Column } from '../../components/DataTable';
import { EnumFilter, FilterBar, NicheFilter } from '../../components/filters';
import { Page } from '../../components/layout';
import { ButtonLink, IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { MoneyText, useLocalized, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import { contactOf } from '../market/contact';
import { useReasonText } from '../shared/reasons';
import { SourceFilter } from '../market/sources';

const LeadsQuery = graphql(
  `
    query PublisherLeads(
      $state: LeadState
      $nicheId: ID
      $sourceId: ID
      $first: Int
      $after: String
    ) {
      leads(state: $state, nicheId: $nicheId, sourceId: $sourceId, first: $first, after: $after) {
        nodes {
          id
          niche {
            id
            name {
              en
              ru
            }
            version {
              id
              fields {
                name
                kind
              }
            }
          }
          source {
            id
            name
          }
          state
          reasonCode
          reasons {
            code
            path
            message
          }
          score
          temperature
          copies
          fields
          earning {
            ...MoneyFields
          }
          receivedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

type Row = ResultOf<typeof LeadsQuery>['leads']['nodes'][number];

/** Every lead that the publisher sent, with the verdict and its reasons. */
export function LeadsPage() {
  const { t } = useTranslation();
  const url = useUrlState(['state', 'niche', 'source']);
  const rows = useConnection(
    LeadsQuery,
    {
      state: oneOf(url.filters.state, enums.LeadState) ?? null,
      nicheId: url.filters.niche ?? null,
      sourceId: url.filters.source ?? null,
    },
    (data) => data.leads,
    url.paging,
  );
  const columns = useColumns();
  return (
    <Page title={t('publisher.leads.title')}>
      <FilterBar>
        <EnumFilter
          of="LeadState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
        <NicheFilter value={url.filters.niche} onChange={(next) => url.setFilter('niche', next)} />
        <SourceFilter
          value={url.filters.source}
          onChange={(next) => url.setFilter('source', next)}
        />
      </FilterBar>
      <DataTable
        connection={rows}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('publisher.leads.title')}
        empty={
          <EmptyState title={t(url.filtered ? 'common.emptyFiltered' : 'publisher.leads.empty')}>
            {!url.filtered && (
              <ButtonLink to="/publisher/sources" variant="light">
                {t('publisher.sources.title')}
              </ButtonLink>
            )}
          </EmptyState>
        }
      />
    </Page>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation();
  const text = useLocalized();
  const reasonText = useReasonText();
  return [
    {
      id: 'id',
      header: t('shared.lead'),
      cell: (row) => {
        const contact = contactOf(row.fields, row.niche.version.fields);
        return (
          <Stack gap={0}>
            <IdLink id={row.id} />
            <Text size="xs" c="dimmed">
              {[contact.name, contact.phone ?? contact.email].filter(Boolean).join(' · ')}
            </Text>
          </Stack>
        );
      },
    },
    {
      id: 'verdict',
      header: t('shared.verdict'),
      cell: (row) => {
        const [first] = row.reasons;
        const reason = first ?? (row.reasonCode === null ? null : { code: row.reasonCode });
        return (
          <Stack gap={2} maw={320}>
            <span>
              <StatusBadge of="LeadState" value={row.state} />
            </span>
            {reason !== null && row.state !== 'SOLD' && (
              <Text size="xs" c="dimmed" title={reason.code}>
                {reasonText(reason)}
                {row.reasons.length > 1 && ` (+${row.reasons.length - 1})`}
              </Text>
            )}
          </Stack>
        );
      },
    },
    {
      id: 'score',
      header: t('shared.score'),
      cell: (row) => (
        <Group gap={6} wrap="nowrap">
          <Text span fw={600}>
            {row.score}
          </Text>
          <StatusBadge of="Temperature" value={row.temperature} />
        </Group>
      ),
    },
    {
      id: 'copies',
      header: t('shared.copies'),
      align: 'right',
      cell: (row) => (row.copies > 0 ? row.copies : '–'),
    },
    {
      id: 'earning',
      header: t('shared.earning'),
      align: 'right',
      cell: (row) => <MoneyText money={row.earning} />,
    },
    {
      id: 'source',
      header: t('shared.source'),
      cell: (row) => (
        <Stack gap={0}>
          {row.source ? <IdLink id={row.source.id}>{row.source.name}</IdLink> : '–'}
          <Text size="xs" c="dimmed">
            <IdLink id={row.niche.id}>{text(row.niche.name)}</IdLink>
          </Text>
        </Stack>
      ),
    },
    { id: 'at', header: t('shared.received'), cell: (row) => <When at={row.receivedAt} /> },
  ];
}
