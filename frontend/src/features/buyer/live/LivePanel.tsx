import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { SimpleTable } from '../../../components/DataTable';
import { Facts, Section } from '../../../components/layout';
import { ReadState } from '../../../components/ReadState';
import { Problems } from '../../../components/states';
import { MoneyText, When } from '../../../components/text';
import { MoneyFields, UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useRead } from '../../../lib/use-read';
import { SecretOnce } from '../../market/SecretOnce';
import { LiveConnectionForm } from './LiveConnectionForm';
import { emptyLive, type FindName, FINDS, liveForm } from './liveForm';
import { type Said, saidParts } from './says';

const LiveQuery = graphql(
  `
    query LiveConnection($offerId: ID!) {
      liveConnection(offerId: $offerId) {
        offerId
        askUrl
        postUrl
        statusUrl
        mapping {
          accept {
            pointer
            regex
          }
          acceptWords
          price {
            pointer
            regex
          }
          priceUnit
          reason {
            pointer
            regex
          }
          redirect {
            pointer
            regex
          }
        }
        askTimeoutMs
        postTimeoutMs
        concurrency
        onSilence
        minBid {
          ...MoneyFields
        }
        updatedAt
      }
    }
  `,
  [MoneyFields],
);

const TestConnection = graphql(
  `
    mutation TestLiveConnection($input: TestLiveConnectionInput!) {
      testLiveConnection(input: $input) {
        report {
          passed
          steps {
            probe
            passed
            status
            tookMs
            accepted
            price {
              ...MoneyFields
            }
            reason
            redirect
            says
          }
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [MoneyFields, UserErrorFields],
);

type Connection = NonNullable<ResultOf<typeof LiveQuery>['liveConnection']>;
type Report = NonNullable<ResultOf<typeof TestConnection>['testLiveConnection']['report']>;

interface Props {
  offer: { id: string; state: string; niche: { currency: string } };
}

/** Where and how a live offer's buyer is asked, and the test of it. */
export function LivePanel({ offer }: Props) {
  const { t } = useTranslation();
  const can = useCan();
  const [editing, setEditing] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const read = useRead(LiveQuery, { offerId: offer.id });
  const connection = read.data?.liveConnection ?? null;
  const editable = can('MANAGE_OFFERS') && offer.state !== 'CLOSED';
  return (
    <Section
      title={t('buyer.live.title')}
      actions={
        editable &&
        !editing &&
        read.data !== undefined && (
          <Button variant="light" onClick={() => setEditing(true)}>
            {t(connection === null ? 'buyer.live.set' : 'buyer.live.change')}
          </Button>
        )
      }
    >
      <Text size="sm" c="dimmed" mb="sm">
        {t('buyer.live.text')}
      </Text>
      <ReadState read={read} pick={(data) => ({ connection: data.liveConnection })}>
        {({ connection: found }) =>
          editing ? (
            <LiveConnectionForm
              offerId={offer.id}
              currency={offer.niche.currency}
              initial={found === null ? emptyLive() : liveForm(found)}
              existing={found !== null}
              onCancel={() => setEditing(false)}
              onSaved={(made) => {
                setEditing(false);
                setSecret(made);
                notifications.show({ color: 'teal', message: t('buyer.live.saved') });
              }}
            />
          ) : found === null ? (
            <Alert color="orange">{t('buyer.live.none')}</Alert>
          ) : (
            <Stack>
              <ConnectionFacts connection={found} />
              {editable && <ContractTest offerId={offer.id} />}
            </Stack>
          )
        }
      </ReadState>
      <SecretOnce title={t('buyer.live.secret')} secret={secret} onClose={() => setSecret(null)} />
    </Section>
  );
}

function ConnectionFacts({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const place = (name: FindName) => {
    const found = connection.mapping[name];
    return <code>{found?.pointer ?? found?.regex ?? '–'}</code>;
  };
  return (
    <Facts
      facts={[
        { label: t('buyer.live.askUrl'), value: connection.askUrl },
        { label: t('buyer.live.postUrl'), value: connection.postUrl },
        { label: t('buyer.live.statusUrl'), value: connection.statusUrl ?? '–' },
        {
          label: t('buyer.live.waits'),
          value: t('buyer.live.waitsOf', {
            ask: connection.askTimeoutMs,
            post: connection.postTimeoutMs,
          }),
        },
        { label: t('buyer.live.concurrency'), value: connection.concurrency },
        {
          label: t('buyer.live.onSilence'),
          value: t(`enums.LiveOnSilence.${connection.onSilence}`),
        },
        { label: t('buyer.live.minBid'), value: <MoneyText money={connection.minBid} /> },
        ...FINDS.map((name) => ({ label: t(`buyer.live.find.${name}`), value: place(name) })),
        { label: t('common.changed'), value: <When at={connection.updatedAt} /> },
      ]}
    />
  );
}

/** Sends a made-up ask and post, and says step by step what was understood. */
function ContractTest({ offerId }: { offerId: string }) {
  const { t } = useTranslation();
  const test = useAction(TestConnection);
  const [report, setReport] = useState<Report | null>(null);
  const run = async () => {
    setReport(null);
    const outcome = await test.run({ offerId });
    setReport(outcome.ok ? outcome.payload.report : null);
  };
  return (
    <Stack gap="sm">
      <Group>
        <Button loading={test.running} onClick={() => void run()}>
          {t('buyer.live.test')}
        </Button>
        <Text size="sm" c="dimmed" flex={1} miw={200}>
          {t('buyer.live.testText')}
        </Text>
      </Group>
      <Problems problems={test.problems} />
      {report !== null && (
        <div aria-live="polite">
          <Alert color={report.passed ? 'teal' : 'red'} mb="sm" role="status">
            {t(report.passed ? 'buyer.live.passed' : 'buyer.live.failed')}
          </Alert>
          <Steps steps={report.steps} />
        </div>
      )}
    </Stack>
  );
}

function Steps({ steps }: { steps: Report['steps'] }) {
  const { t } = useTranslation();
  return (
    <SimpleTable
      rows={steps}
      rowKey={(row) => row.probe}
      caption={t('buyer.live.report')}
      columns={[
        {
          id: 'probe',
          header: t('buyer.live.step'),
          cell: (row) => t(`enums.LiveProbe.${row.probe}`),
        },
        {
          id: 'passed',
          header: t('common.state'),
          cell: (row) => (
            <Badge color={row.passed ? 'teal' : 'red'} variant="light" radius="sm" tt="none">
              {t(row.passed ? 'buyer.live.stepPassed' : 'buyer.live.stepFailed')}
            </Badge>
          ),
        },
        {
          id: 'says',
          header: t('buyer.live.understood'),
          cell: (row) => (
            <Text size="sm" maw={460}>
              {saidParts(row.says).map((part, index) => (
                <SaidText key={index} part={part} />
              ))}
            </Text>
          ),
        },
        {
          id: 'answer',
          header: t('buyer.live.answer'),
          cell: (row) => (
            <Stack gap={0}>
              {row.status !== null && <span>HTTP {row.status}</span>}
              {row.price !== null && <MoneyText money={row.price} />}
              {row.reason !== null && <code>{row.reason}</code>}
              {row.redirect !== null && (
                <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {row.redirect}
                </Text>
              )}
            </Stack>
          ),
        },
      ]}
    />
  );
}

function SaidText({ part }: { part: Said }) {
  const { t } = useTranslation();
  if ('words' in part) return <>{part.words} </>;
  // Which facts a sentence has is known to the dictionary's test, not to the types.
  const say = t as unknown as (key: string, facts: Record<string, string>) => string;
  return <>{say(`buyer.live.says.${part.key}`, part.facts)} </>;
}
