import { Alert, Group, Select, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmButton } from '../../../components/ConfirmButton';
import { SimpleTable } from '../../../components/DataTable';
import { FormDialog } from '../../../components/FormDialog';
import { Copyable, IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { useEnumOptions } from '../../../components/StatusBadge';
import { Actor, Count, MoneyText, When } from '../../../components/text';
import { downloadText } from '../../../lib/download';
import { MoneyFields, UserErrorFields } from '../../../lib/fragments';
import { type Enum, graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';

/** The files of a run, and what one that cannot hold a payout leaves out. */
export const FileFields = graphql(`
  fragment FileFields on PayoutFile @_unmask {
    id
    format
    fileName
    messageId
    payoutCount
    createdAt
    createdBy
  }
`);

const SkippedFields = graphql(
  `
    fragment SkippedFields on Payout @_unmask {
      id
      amount {
        ...MoneyFields
      }
      statement {
        id
        publisher {
          id
          name
        }
      }
    }
  `,
  [MoneyFields],
);

const ExportPayouts = graphql(
  `
    mutation ExportPayouts($input: ExportPayoutsInput!) {
      exportPayouts(input: $input) {
        fileName
        mediaType
        content
        skipped {
          ...SkippedFields
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [SkippedFields, UserErrorFields],
);

const PrintPayouts = graphql(
  `
    mutation PrintPayouts($input: PrintPayoutsInput!) {
      printPayouts(input: $input) {
        fileName
        mediaType
        content
        skipped {
          ...SkippedFields
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [SkippedFields, UserErrorFields],
);

type Printed = NonNullable<ResultOf<typeof ExportPayouts>['exportPayouts']>;
type Skipped = Printed['skipped'];
type PayoutFile = ResultOf<typeof FileFields>;

function save({ fileName, mediaType, content }: Printed): void {
  if (content !== null) {
    downloadText(fileName ?? 'payouts.csv', content, mediaType ?? 'text/csv');
  }
}

/** Makes the file for the bank, as a table or as ISO 20022 orders. */
export function ExportPayoutsButton({
  runId,
  onSkipped,
}: {
  runId: string;
  onSkipped: (skipped: Skipped) => void;
}) {
  const { t } = useTranslation();
  const exporting = useAction(ExportPayouts, { idempotent: true });
  const form = useForm({ initialValues: { format: 'CSV' as Enum<'PayoutFormat'> } });
  const formats = useEnumOptions('PayoutFormat');
  return (
    <FormDialog
      label={t('operator.settlements.export')}
      form={form}
      running={exporting.running}
      onSend={async ({ format }) => {
        const outcome = await exporting.run({ runId, format });
        if (outcome.ok) {
          save(outcome.payload);
          onSkipped(outcome.payload.skipped);
          notifications.show({ color: 'teal', message: t('operator.settlements.exported') });
        }
        return outcome;
      }}
    >
      <Text size="sm">{t('operator.settlements.exportText')}</Text>
      <Select
        label={t('operator.settlements.format')}
        allowDeselect={false}
        data={formats}
        {...form.getInputProps('format')}
      />
    </FormDialog>
  );
}

/** Payouts that a format can't take: who has to enter the account again. */
export function SkippedPayouts({ skipped }: { skipped: Skipped }) {
  const { t } = useTranslation();
  if (skipped.length === 0) return null;
  return (
    <Alert color="orange" title={t('operator.settlements.skipped')} role="alert">
      <Stack gap={4}>
        <Text size="sm">{t('operator.settlements.skippedText')}</Text>
        {skipped.map((each) => (
          <Group gap="xs" key={each.id}>
            <IdLink id={each.statement.publisher.id}>{each.statement.publisher.name}</IdLink>
            <MoneyText money={each.amount} />
            <IdLink id={each.statement.id} />
          </Group>
        ))}
      </Stack>
    </Alert>
  );
}

/** Fetches a file once more: the one that is named, or all that waits. */
function PrintAgain({
  runId,
  file,
  onSkipped,
}: {
  runId: string;
  file: PayoutFile | null;
  onSkipped: (skipped: Skipped) => void;
}) {
  const { t } = useTranslation();
  const printing = useAction(PrintPayouts);
  const act = async () => {
    const outcome = await printing.run({
      runId,
      fileId: file?.id ?? null,
      format: file?.format ?? 'CSV',
    });
    if (!outcome.ok) return false;
    save(outcome.payload);
    onSkipped(outcome.payload.skipped);
    return true;
  };
  return (
    <ConfirmButton
      size={file === null ? 'sm' : 'compact-xs'}
      variant="default"
      title={t('operator.settlements.print')}
      text={t('operator.settlements.printText')}
      problems={printing.problems}
      onOpen={printing.clear}
      onConfirm={act}
    >
      {t(file === null ? 'operator.settlements.print' : 'operator.settlements.printShort')}
    </ConfirmButton>
  );
}

/** The files that a run's payouts went into, oldest first. */
export function PayoutFiles({
  runId,
  files,
  settle,
}: {
  runId: string;
  files: readonly PayoutFile[];
  settle: boolean;
}) {
  const { t } = useTranslation();
  const [skipped, setSkipped] = useState<Skipped>([]);
  if (files.length === 0) return <EmptyState title={t('operator.settlements.noFiles')} />;
  return (
    <Stack>
      <SkippedPayouts skipped={skipped} />
      <SimpleTable
        rows={files}
        rowKey={(row) => row.id}
        caption={t('operator.settlements.files')}
        columns={[
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
          {
            id: 'format',
            header: t('operator.settlements.format'),
            cell: (row) => t(`enums.PayoutFormat.${row.format}`),
          },
          {
            id: 'message',
            header: t('operator.settlements.messageId'),
            cell: (row) => <Copyable value={row.messageId} />,
          },
          {
            id: 'count',
            header: t('shared.payouts'),
            align: 'right',
            cell: (row) => <Count value={row.payoutCount} />,
          },
          {
            id: 'by',
            header: t('common.actor'),
            cell: (row) => <Actor name={row.createdBy} />,
          },
          ...(settle
            ? [
                {
                  id: 'actions',
                  header: t('common.actions'),
                  cell: (row: PayoutFile) => (
                    <PrintAgain runId={runId} file={row} onSkipped={setSkipped} />
                  ),
                },
              ]
            : []),
        ]}
      />
    </Stack>
  );
}

export { PrintAgain, type Skipped };
