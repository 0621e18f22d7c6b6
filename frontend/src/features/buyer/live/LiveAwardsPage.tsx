import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText, When } from '../../../components/text';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { shortId } from '../../../lib/ids';
import { useConnection } from '../../../lib/use-connection';
import { usePolling } from '../../../lib/use-polling';
import { useUrlState } from '../../../lib/use-url-state';
import { useOfferNames } from '../../market/offers';
import { useReasonText } from '../../shared/reasons';

const LiveAwardsQuery = graphql(
  `
    query LiveAwards($first: Int, $after: String) {
      liveAwards(first: $first, after: $after) {
        nodes {
          id
          leadId
          offerId
          state
          price {
            ...MoneyFields
          }
          postedPrice {
            ...MoneyFields
          }
          reason
          createdAt
          endedAt
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

/** What was offered to live buyers, and what they said. */
export function LiveAwardsPage() {
  const { t } = useTranslation();
  const reason = useReasonText();
  const url = useUrlState([]);
  const { nameOf } = useOfferNames();
  const rows = useConnection(LiveAwardsQuery, {}, (data) => data.liveAwards, url.paging);
  usePolling(
    rows.nodes.some((each) => each.state === 'OFFERED' || each.state === 'UNKNOWN'),
    rows.reload,
  );
  return (
    <Page title={t('buyer.live.awards')}>
      <Text size="sm" c="dimmed">
        {t('buyer.live.awardsText')}
      </Text>
      <DataTable
        connection={rows}
        rowKey={(row) => row.id}
        caption={t('buyer.live.awards')}
        empty={<EmptyState title={t('buyer.live.noAwards')} />}
        columns={[
          {
            id: 'id',
            header: t('shared.award'),
            // Only what was accepted has a page.
            cell: (row) =>
              row.state === 'AWARDED' ? (
                <IdLink id={row.id} />
              ) : (
                <code title={row.id}>{shortId(row.id)}</code>
              ),
          },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => (
              <>
                <StatusBadge of="LiveAwardState" value={row.state} />
                {row.reason !== null && (
                  <Text size="xs" c="dimmed" title={row.reason} maw={280}>
                    {reason({ code: row.reason })}
                  </Text>
                )}
              </>
            ),
          },
          {
            id: 'offer',
            header: t('shared.offer'),
            cell: (row) => <IdLink id={row.offerId}>{nameOf(row.offerId)}</IdLink>,
          },
          { id: 'lead', header: t('shared.lead'), cell: (row) => <IdLink id={row.leadId} /> },
          {
            id: 'price',
            header: t('buyer.live.bid'),
            align: 'right',
            cell: (row) => <MoneyText money={row.price} />,
          },
          {
            id: 'posted',
            header: t('buyer.live.postedPrice'),
            align: 'right',
            cell: (row) => <MoneyText money={row.postedPrice} />,
          },
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
          {
            id: 'ended',
            header: t('traffic.pings.ended'),
            cell: (row) => <When at={row.endedAt} />,
          },
        ]}
      />
    </Page>
  );
}
