import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { DataTable, type Column } from '../../components/DataTable';
import { EnumFilter, FilterBar } from '../../components/filters';
import { Page } from '../../components/layout';
import { AppLink, ButtonLink, IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Deadline, MoneyText, useLocalized, When } from '../../components/text';
import { enums } from '../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { oneOf, useUrlState } from '../../lib/use-url-state';
import { contactOf } from '../market/contact';
import { OfferFilter } from '../market/offers';
import { DispositionSelect } from '../shared/award-actions';

const AwardsQuery = graphql(
  `
    query Inbox($offerId: ID, $disposition: Disposition, $first: Int, $after: String) {
      awards(offerId: $offerId, disposition: $disposition, first: $first, after: $after) {
        nodes {
          id
          offerName
          offer {
            id
          }
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
          lead {
            id
            score
            temperature
          }
          fields
          price {
            ...MoneyFields
          }
          disposition
          openedAt
          createdAt
          returnable
          returnUntil
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

type Row = ResultOf<typeof AwardsQuery>['awards']['nodes'][number];

/** Leads that the buyer was awarded, newest first; new ones appear by themselves. */
export function InboxPage() {
  const { t } = useTranslation();
  const url = useUrlState(['offer', 'disposition']);
  const { offer, disposition } = url.filters;
  const awards = useConnection(
    AwardsQuery,
    { offerId: offer ?? null, disposition: oneOf(disposition, enums.Disposition) ?? null },
    (data) => data.awards,
    url.paging,
  );
  const columns = useColumns();
  return (
    <Page title={t('buyer.inbox.title')}>
      <FilterBar>
        <OfferFilter value={offer} onChange={(next) => url.setFilter('offer', next)} />
        <EnumFilter
          of="Disposition"
          label={t('shared.disposition')}
          value={disposition}
          onChange={(next) => url.setFilter('disposition', next)}
        />
      </FilterBar>
      <DataTable
        connection={awards}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('buyer.inbox.title')}
        empty={
          <EmptyState title={t(url.filtered ? 'common.emptyFiltered' : 'buyer.inbox.empty')}>
            {!url.filtered && (
              <ButtonLink to="/buyer/offers" variant="light">
                {t('buyer.nav.offers')}
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
  const can = useCan();
  return [
    {
      id: 'contact',
      header: t('buyer.inbox.contact'),
      cell: (row) => {
        const contact = contactOf(row.fields, row.niche.version.fields);
        return (
          <Stack gap={0}>
            <AppLink to={`/awards/${row.id}`} fw={row.openedAt === null ? 700 : 500}>
              {contact.name ?? contact.phone ?? contact.email ?? t('buyer.inbox.open')}
            </AppLink>
            {contact.name !== undefined && (
              <Text size="xs" c="dimmed">
                {[contact.phone, contact.email].filter(Boolean).join(' · ')}
              </Text>
            )}
          </Stack>
        );
      },
    },
    {
      id: 'offer',
      header: t('buyer.offer.one'),
      cell: (row) => (
        <Stack gap={0}>
          {row.offer === null ? row.offerName : <IdLink id={row.offer.id}>{row.offerName}</IdLink>}
          <Text size="xs" c="dimmed">
            <IdLink id={row.niche.id}>{text(row.niche.name)}</IdLink>
          </Text>
        </Stack>
      ),
    },
    {
      id: 'score',
      header: t('buyer.inbox.score'),
      cell: (row) => (
        <Group gap={6} wrap="nowrap">
          <Text span fw={600}>
            {row.lead.score}
          </Text>
          <StatusBadge of="Temperature" value={row.lead.temperature} />
        </Group>
      ),
    },
    {
      id: 'price',
      header: t('market.terms.price'),
      align: 'right',
      cell: (row) => <MoneyText money={row.price} />,
    },
    {
      id: 'disposition',
      header: t('shared.disposition'),
      cell: (row) =>
        can('REPORT_OUTCOMES') ? (
          <DispositionSelect awardId={row.id} value={row.disposition} />
        ) : (
          <StatusBadge of="Disposition" value={row.disposition} />
        ),
    },
    {
      id: 'return',
      header: t('shared.returnUntil'),
      cell: (row) => (row.returnable ? <Deadline at={row.returnUntil} /> : '–'),
    },
    { id: 'at', header: t('buyer.inbox.bought'), cell: (row) => <When at={row.createdAt} /> },
  ];
}
