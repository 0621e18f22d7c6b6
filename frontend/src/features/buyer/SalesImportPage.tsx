import { Alert, Button, Code, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../components/DataTable';
import { Page, Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { Problems } from '../../components/states';
import { UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { problemText } from '../../lib/errors';
import { useAction } from '../../lib/use-action';

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

  const read = async (file: File | null) => {
    if (file === null) return;
    setCsv(await file.text());
    setResult(null);
  };
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
          <Textarea
            label={t('buyer.sales.csv')}
            autosize
            minRows={5}
            maxRows={16}
            styles={{ input: { fontFamily: 'monospace' } }}
            spellCheck={false}
            value={csv}
            onChange={(event) => {
              setCsv(event.currentTarget.value);
              setResult(null);
            }}
          />
          <Problems problems={action.problems} />
          <Group>
            <FileButton accept=".csv,text/csv,text/plain" onChange={(file) => void read(file)}>
              {(props) => (
                <Button variant="default" {...props}>
                  {t('buyer.sales.choose')}
                </Button>
              )}
            </FileButton>
            <Button
              disabled={csv.trim() === ''}
              loading={action.running}
              onClick={() => void send()}
            >
              {t('buyer.sales.send')}
            </Button>
          </Group>
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
