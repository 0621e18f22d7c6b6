import { Alert, List } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { type Column, SimpleTable } from '../../components/DataTable';
import { FieldsTable } from '../../components/FieldsTable';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Deadline, MoneyText, useLocalized, When } from '../../components/text';
import { MoneyFields, NicheFieldFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { shortId } from '../../lib/ids';
import { usePolling } from '../../lib/use-polling';
import { useRead } from '../../lib/use-read';
import { useRouteId } from '../../lib/use-route-id';
import { BidLog, traceFields } from '../shared/BidLog';
import { useReasonText } from '../shared/reasons';

const PingQuery = graphql(
  `
    query PingPage($id: ID!) {
      ping(id: $id) {
        id
        state
        niche {
          id
          name {
            en
            ru
          }
          currency
          version {
            id
            fields {
              ...NicheFieldFields
            }
          }
        }
        source {
          id
          name
          publisher {
            id
            name
          }
        }
        fields
        hashedFields
        score
        reasons {
          code
          path
          message
        }
        bids {
          id
          offerId
          offerName
          state
          copies
          earning {
            ...MoneyFields
          }
          price {
            ...MoneyFields
          }
          reserved {
            ...MoneyFields
          }
          award {
            id
          }
          expiresAt
          endedAt
        }
        lead {
          id
        }
        trace {
          ...TraceFields
        }
        receivedAt
        expiresAt
        endedAt
      }
    }
  `,
  [MoneyFields, NicheFieldFields, traceFields],
);

type Ping = NonNullable<ResultOf<typeof PingQuery>['ping']>;
type Bid = Ping['bids'][number];

/** One request for bids: what was asked, who bid what, and how each bid ended. */
export function PingPage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const { kind } = useViewer().organization;
  const read = useRead(PingQuery, { id });
  usePolling(read.data?.ping?.state === 'OPEN', read.reload);
  return (
    <ReadState read={read} pick={(data) => data.ping}>
      {(ping) => (
        <Page
          title={`${t('traffic.ping')} ${shortId(ping.id)}`}
          trail={[{ label: t('traffic.pings.title'), to: `/${kind.toLowerCase()}/pings` }]}
          badge={<StatusBadge of="PingState" value={ping.state} />}
        >
          <Reasons ping={ping} />
          <PingFacts ping={ping} />
          <Section title={t('traffic.pings.bids')}>
            <Bids bids={ping.bids} />
          </Section>
          <Section title={t('traffic.pings.asked')}>
            <FieldsTable fields={ping.fields} specs={ping.niche.version.fields} />
          </Section>
          {ping.trace !== null && (
            <BidLog
              trace={ping.trace}
              fields={ping.niche.version.fields}
              currency={ping.niche.currency}
              score={ping.score}
            />
          )}
        </Page>
      )}
    </ReadState>
  );
}

/** Why there are no bids. */
function Reasons({ ping }: { ping: Ping }) {
  const { t } = useTranslation();
  const reason = useReasonText();
  if (ping.reasons.length === 0) return null;
  return (
    <Alert color={ping.state === 'REFUSED' ? 'red' : 'yellow'} title={t('shared.reason')}>
      <List size="sm">
        {ping.reasons.map((each, index) => (
          <List.Item key={index} title={each.code}>
            {each.path !== null && each.path !== '' && <code>{each.path} </code>}
            {reason(each)}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function PingFacts({ ping }: { ping: Ping }) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const operator = useViewer().organization.kind === 'OPERATOR';
  const fields = ping.niche.version.fields;
  const labelOf = (name: string) => {
    const spec = fields.find((each) => each.name === name);
    return spec === undefined ? name : localized(spec.label);
  };
  return (
    <Section>
      <Facts
        cols={4}
        facts={[
          { label: t('common.id'), value: <Copyable value={ping.id} /> },
          {
            label: t('shared.niche'),
            value: <IdLink id={ping.niche.id}>{localized(ping.niche.name)}</IdLink>,
          },
          ping.source !== null && {
            label: t('shared.source'),
            value: <IdLink id={ping.source.id}>{ping.source.name}</IdLink>,
          },
          operator &&
            ping.source !== null && {
              label: t('shared.publisher'),
              value: <IdLink id={ping.source.publisher.id}>{ping.source.publisher.name}</IdLink>,
            },
          { label: t('shared.score'), value: `${String(ping.score)} / 100` },
          {
            label: t('traffic.pings.hashed'),
            value: ping.hashedFields.map(labelOf).join(', ') || '–',
          },
          ping.lead !== null && { label: t('shared.lead'), value: <IdLink id={ping.lead.id} /> },
          { label: t('shared.received'), value: <When at={ping.receivedAt} seconds /> },
          ping.expiresAt !== null && {
            label: t('traffic.pings.until'),
            value:
              ping.state === 'OPEN' ? (
                <Deadline at={ping.expiresAt} />
              ) : (
                <When at={ping.expiresAt} seconds />
              ),
          },
          ping.endedAt !== null && {
            label: t('traffic.pings.ended'),
            value: <When at={ping.endedAt} seconds />,
          },
        ]}
      />
    </Section>
  );
}

function Bids({ bids }: { bids: readonly Bid[] }) {
  const { t } = useTranslation();
  const operator = useViewer().organization.kind === 'OPERATOR';
  if (bids.length === 0) return <EmptyState title={t('traffic.pings.noBids')} />;
  const columns: (Column<Bid> | false)[] = [
    {
      id: 'offer',
      header: t('shared.offer'),
      cell: (row) => <IdLink id={row.offerId}>{row.offerName}</IdLink>,
    },
    {
      id: 'state',
      header: t('common.state'),
      cell: (row) => <StatusBadge of="BidState" value={row.state} />,
    },
    {
      id: 'copies',
      header: t('traffic.pings.copies'),
      cell: (row) =>
        row.copies === 1
          ? t('traffic.pings.exclusive')
          : t('traffic.pings.shared', { copies: row.copies }),
    },
    {
      id: 'earning',
      header: t('shared.earning'),
      align: 'right',
      cell: (row) => <MoneyText money={row.earning} />,
    },
    operator && {
      id: 'price',
      header: t('shared.price'),
      align: 'right',
      cell: (row) => <MoneyText money={row.price} />,
    },
    operator && {
      id: 'reserved',
      header: t('traffic.pings.reserved'),
      align: 'right',
      cell: (row) => <MoneyText money={row.reserved} />,
    },
    {
      id: 'award',
      header: t('shared.award'),
      cell: (row) => (row.award === null ? '–' : <IdLink id={row.award.id} />),
    },
    {
      id: 'ended',
      header: t('traffic.pings.ended'),
      cell: (row) =>
        row.state === 'OPEN' ? <Deadline at={row.expiresAt} /> : <When at={row.endedAt} seconds />,
    },
  ];
  return (
    <SimpleTable
      rows={bids}
      rowKey={(row) => row.id}
      caption={t('traffic.pings.bids')}
      columns={columns.filter((column) => column !== false)}
    />
  );
}
