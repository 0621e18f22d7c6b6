import { Alert, Code, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../components/DataTable';
import { Page, Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { problemText } from '../../lib/errors';
import { useAction } from '../../lib/use-action';
import { CsvUpload } from './CsvUpload';

const ImportConversions = graphql(
  `
    mutation ImportConversions($input: ImportConversionsInput!) {
      importConversions(input: $input) {
        accepted
        results {
          row
          awardId
          conversionId
          error {
            ...UserErrorFields
          }
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type Result = ResultOf<typeof ImportConversions>['importConversions'];

const EXAMPLE =
  'award_id,external_id,occurred_at,disposition\nawd_…,order-1042,2026-01-31T12:00:00Z,WON\nawd_…,,,NO_ANSWER';

/** Reports many sales at once: a CSV file in, one verdict per row out. */
export function SalesImportPage() {
  const { t } = useTranslation();
  const action = useAction(ImportConversions, { idempotent: true });
  const [csv, setCsv] = useState('');
  const [result, setResult] = useState<Result | null>(null);

  const send = async () => {
    const outcome = await action.run({ csv });
    setResult(outcome.ok ? outcome.payload : null);
  };

  return (
    <Page title={t('buyer.sales.title')}>
      <Section>
        <Stack>
          <Text size="sm">
            <WithCode text={t('buyer.sales.text')} />
          </Text>
          <Code block>{EXAMPLE}</Code>
          <Text size="sm" c="dimmed">
            <WithCode text={t('buyer.sales.columns')} />
          </Text>
          <CsvUpload
            csv={csv}
            onCsv={(next) => {
              setCsv(next);
              setResult(null);
            }}
            sendLabel={t('buyer.sales.send')}
            onSend={() => void send()}
            running={action.running}
            problems={action.problems}
          />
        </Stack>
      </Section>
      {result && <ImportResult result={result} />}
    </Page>
  );
}

/** Names between back-ticks set as code. */
function WithCode({ text }: { text: string }) {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? <Code key={index}>{part}</Code> : part));
}

function ImportResult({ result }: { result: Result }) {
  const { t } = useTranslation();
  const refused = result.results.filter((row) => row.error !== null).length;
  return (
    <Section title={t('buyer.sales.result')}>
      <Alert color={refused > 0 ? 'orange' : 'teal'} mb="md" role="status">
        {t('buyer.sales.counts', { accepted: result.accepted, refused })}
      </Alert>
      <SimpleTable
        rows={result.results}
        rowKey={(row) => String(row.row)}
        caption={t('buyer.sales.result')}
        columns={[
          { id: 'row', header: t('buyer.sales.row'), align: 'right', cell: (row) => row.row },
          {
            id: 'award',
            header: t('buyer.sales.award'),
            cell: (row) => (row.awardId === null ? '–' : <IdLink id={row.awardId} />),
          },
          {
            id: 'verdict',
            header: t('buyer.sales.verdict'),
            cell: (row) => {
              if (row.error !== null) {
                return (
                  <Text size="sm" c="red.8">
                    {problemText(row.error, t)}
                  </Text>
                );
              }
              return row.conversionId === null ? '–' : <IdLink id={row.conversionId} />;
            },
          },
        ]}
      />
    </Section>
  );
}
