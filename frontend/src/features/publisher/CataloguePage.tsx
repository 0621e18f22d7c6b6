import { Badge, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable, type Column } from '../../components/DataTable';
import { FilterBar, NicheFilter } from '../../components/filters';
import { Page } from '../../components/layout';
import { AppLink, IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Duration, MoneyText, Percent, useLocalized } from '../../components/text';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { useUrlState } from '../../lib/use-url-state';
import { GoalAmount } from '../market/GoalAmount';

const CatalogueQuery = graphql(
  `
    query Catalogue($nicheId: ID, $first: Int, $after: String) {
      catalogue(nicheId: $nicheId, first: $first, after: $after) {
        nodes {
          id
          name
          buyerName
          niche {
            id
            name {
              en
              ru
            }
          }
          exhausted
          unfunded
          coverageBps
          lockS
          measured {
            awards
            approvedBps
            earningPerLead {
              ...MoneyFields
            }
          }
          goals {
            kind
            percent {
              bps
              min {
                ...MoneyFields
              }
              max {
                ...MoneyFields
              }
            }
            earning {
              ...MoneyFields
            }
          }
          minScore
          maxSales
          holdS
          visibility
          participation {
            id
            state
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

type Row = ResultOf<typeof CatalogueQuery>['catalogue']['nodes'][number];

/** Offers that are open to the publisher. */
export function CataloguePage() {
  const { t } = useTranslation();
  const url = useUrlState(['niche']);
  const rows = useConnection(
    CatalogueQuery,
    { nicheId: url.filters.niche ?? null },
    (data) => data.catalogue,
    url.paging,
  );
  const columns = useColumns();
  return (
    <Page title={t('publisher.catalogue.title')}>
      <FilterBar>
        <NicheFilter value={url.filters.niche} onChange={(next) => url.setFilter('niche', next)} />
      </FilterBar>
      <DataTable
        connection={rows}
        columns={columns}
        rowKey={(row) => row.id}
        caption={t('publisher.catalogue.title')}
        empty={
          <EmptyState
            title={t(url.filtered ? 'common.emptyFiltered' : 'publisher.catalogue.empty')}
          />
        }
      />
    </Page>
  );
}

/** Why an open offer does not buy now, if it does not. */
export function BuyingNow({ exhausted, unfunded }: { exhausted: boolean; unfunded: boolean }) {
  const { t } = useTranslation();
  const badge = (color: string, text: string) => (
    <Badge color={color} variant="light" radius="sm" tt="none" fw={600}>
      {text}
    </Badge>
  );
  if (unfunded) return badge('red', t('publisher.catalogue.unfunded'));
  if (exhausted) return badge('orange', t('publisher.catalogue.exhausted'));
  return badge('teal', t('publisher.catalogue.buying'));
}

/** What the offer's leads have brought so far: the average earning, and how many were kept. */
export function Measured({ figures }: { figures: Row['measured'] }) {
  const { t } = useTranslation();
  if (figures === null)
    return (
      <Text span size="sm" c="dimmed" title={t('publisher.catalogue.tooFew')}>
        –
      </Text>
    );
  return (
    <>
      <MoneyText money={figures.earningPerLead} />
      <Text size="xs" c="dimmed">
        <Percent bps={figures.approvedBps} />{' '}
        {t('publisher.catalogue.approvedOf', { n: figures.awards })}
      </Text>
    </>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation();
  const text = useLocalized();
  return [
    {
      id: 'name',
      header: t('buyer.offer.one'),
      cell: (row) => (
        <Stack gap={0}>
          <AppLink to={`/publisher/catalogue/${row.id}`} fw={500}>
            {row.name}
          </AppLink>
          <Text size="xs" c="dimmed">
            {row.buyerName} · <IdLink id={row.niche.id}>{text(row.niche.name)}</IdLink>
          </Text>
        </Stack>
      ),
    },
    {
      id: 'earning',
      header: t('market.terms.earning'),
      align: 'right',
      cell: (row) =>
        row.goals.map((goal) => (
          <div key={goal.kind}>
            <GoalAmount amount={goal.earning} percent={goal.percent} />{' '}
            <Text span size="xs" c="dimmed">
              {t(`market.goal.${goal.kind}`)}
            </Text>
          </div>
        )),
    },
    {
      id: 'measured',
      header: t('publisher.catalogue.perLead'),
      align: 'right',
      cell: (row) => <Measured figures={row.measured} />,
    },
    {
      id: 'now',
      header: t('publisher.catalogue.now'),
      cell: (row) => <BuyingNow exhausted={row.exhausted} unfunded={row.unfunded} />,
    },
    {
      id: 'sales',
      header: t('market.terms.maxSales'),
      align: 'right',
      cell: (row) => row.maxSales,
    },
    {
      id: 'score',
      header: t('market.terms.minScore'),
      align: 'right',
      cell: (row) => (row.minScore > 0 ? row.minScore : '–'),
    },
    {
      id: 'coverage',
      header: t('publisher.catalogue.coverageShort'),
      align: 'right',
      cell: (row) => <Percent bps={row.coverageBps} />,
    },
    {
      id: 'hold',
      header: t('market.terms.hold'),
      cell: (row) => <Duration seconds={row.holdS} />,
    },
    {
      id: 'lock',
      header: t('market.terms.lock'),
      cell: (row) => <Duration seconds={row.lockS} />,
    },
    {
      id: 'access',
      header: t('publisher.catalogue.access'),
      cell: (row) => (
        <Group gap={4}>
          {row.participation ? (
            <StatusBadge of="ParticipationState" value={row.participation.state} />
          ) : (
            <StatusBadge of="Visibility" value={row.visibility} />
          )}
        </Group>
      ),
    },
  ];
}
