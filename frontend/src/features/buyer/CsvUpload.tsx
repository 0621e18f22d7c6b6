import { Button, FileButton, Group, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Problems } from '../../components/states';
import type { Problem } from '../../lib/errors';

interface Props {
  csv: string;
  onCsv: (csv: string) => void;
  /** Names the button that sends. */
  sendLabel: string;
  onSend: () => void;
  running: boolean;
  problems: readonly Problem[];
}

/** A CSV, typed or from a file, to be sent. */
export function CsvUpload({ csv, onCsv, sendLabel, onSend, running, problems }: Props) {
  const { t } = useTranslation();
  const read = async (file: File | null) => {
    if (file !== null) onCsv(await file.text());
  };
  return (
    <>
      <Textarea
        label={t('buyer.sales.csv')}
        autosize
        minRows={5}
        maxRows={16}
        styles={{ input: { fontFamily: 'monospace' } }}
        spellCheck={false}
        value={csv}
        onChange={(event) => onCsv(event.currentTarget.value)}
      />
      <Problems problems={problems} />
      <Group>
        <FileButton accept=".csv,text/csv,text/plain" onChange={(file) => void read(file)}>
          {(props) => (
            <Button variant="default" {...props}>
              {t('buyer.sales.choose')}
            </Button>
          )}
        </FileButton>
        <Button disabled={csv.trim() === ''} loading={running} onClick={onSend}>
          {sendLabel}
        </Button>
      </Group>
    </>
  );
}
