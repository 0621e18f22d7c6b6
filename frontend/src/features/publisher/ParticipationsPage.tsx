import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page } from '../../components/layout';
import { ButtonLink, IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { MoneyText, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { oneOf, useUrlState } from '../../lib/use-url-state';

const ParticipationsQuery = graphql(
  `
    query OwnParticipations($state: ParticipationState, $first: Int, $after: String) {
      participations(state: $state, first: $first, after: $after) {
        nodes {
          id
          offerId
          offerName
          state
          message
          note
          createdAt
          decidedAt
          earning {
            ...MoneyFields
          }
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

/** The publisher's applications and invitations. */
export function ParticipationsPage() {
  const { t } = useTranslation();
  const url = useUrlState(['state']);
  const rows = useConnection(
    ParticipationsQuery,
    { state: oneOf(url.filters.state, enums.ParticipationState) ?? null },
    (data) => data.participations,
    url.paging,
  );
  return (
    <Page title={t('publisher.participation.title')}>
      <FilterBar>
        <EnumFilter
          of="ParticipationState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(next) => url.setFilter('state', next)}
        />
      </FilterBar>
      <DataTable
        connection={rows}
        rowKey={(row) => row.id}
        caption={t('publisher.participation.title')}
        empty={
          <EmptyState
            title={t(url.filtered ? 'common.emptyFiltered' : 'publisher.participation.empty')}
          >
            <ButtonLink to="/publisher/catalogue" variant="light">
              {t('publisher.catalogue.title')}
            </ButtonLink>
          </EmptyState>
        }
        columns={[
          {
            id: 'offer',
            header: t('buyer.offer.one'),
            cell: (row) => <IdLink id={row.offerId}>{row.offerName}</IdLink>,
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <StatusBadge of="ParticipationState" value={row.state} />,
          },
          {
            id: 'words',
            header: t('publisher.participation.words'),
            cell: (row) => (
              <Stack gap={2} maw={400}>
                {row.message !== null && <Text size="sm">{row.message}</Text>}
                {row.note !== null && (
                  <Text size="sm" c="dimmed">
                    {t('publisher.participation.answer')}: {row.note}
                  </Text>
                )}
              </Stack>
            ),
          },
          {
            id: 'earning',
            header: t('publisher.participation.earning'),
            cell: (row) =>
              row.earning === null ? (
                <Text size="sm" c="dimmed">
                  {t('publisher.participation.offerEarning')}
                </Text>
              ) : (
                <MoneyText money={row.earning} />
              ),
          },
          { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
          {
            id: 'decided',
            header: t('common.decided'),
            cell: (row) => <When at={row.decidedAt} />,
          },
        ]}
      />
    </Page>
  );
}
