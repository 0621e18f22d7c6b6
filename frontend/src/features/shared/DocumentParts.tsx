import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { Facts } from '../../components/layout';
import { Copyable } from '../../components/links';
import { When } from '../../components/text';
import { graphql, type ResultOf } from '../../lib/graphql';

export const DocumentFields = graphql(`
  fragment DocumentFields on Document @_unmask {
    id
    kind
    number
    issuedAt
    isVoid
    voidedAt
    voidReason
    pdfUrl
    csvUrl
    jsonUrl
    csvSha256
    jsonSha256
  }
`);

export type ShownDocument = ResultOf<typeof DocumentFields>;

/** The three forms of a document; the session alone does not say for whom it is asked. */
export function DocumentDownloads({
  document,
  size = 'sm',
}: {
  document: Pick<ShownDocument, 'number' | 'pdfUrl' | 'csvUrl' | 'jsonUrl'>;
  size?: 'sm' | 'compact-xs';
}) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const forms = [
    ['PDF', document.pdfUrl],
    ['CSV', document.csvUrl],
    ['JSON', document.jsonUrl],
  ] as const;
  return (
    <Group gap="xs" wrap="nowrap">
      {forms.map(([name, url]) => (
        <Button
          key={name}
          component="a"
          href={`${url}?organization=${encodeURIComponent(viewer.organization.id)}`}
          download
          size={size}
          variant="default"
          aria-label={t('shared.document.download', { form: name, number: document.number })}
        >
          {name}
        </Button>
      ))}
    </Group>
  );
}

/** A document with its downloads and what proves that it is the one that was issued. */
export function DocumentCard({ document }: { document: ShownDocument }) {
  const { t } = useTranslation();
  return (
    <Stack>
      {document.isVoid && (
        <Alert color="red" title={t('shared.document.void')}>
          <When at={document.voidedAt} />
          {document.voidReason !== null && `: ${document.voidReason}`}
        </Alert>
      )}
      <DocumentDownloads document={document} />
      <Text size="sm" c="dimmed">
        {t('shared.document.hashText')}
      </Text>
      <Facts
        cols={2}
        facts={[
          { label: t('shared.document.number'), value: document.number },
          { label: t('shared.document.issuedAt'), value: <When at={document.issuedAt} /> },
          {
            label: t('shared.document.hash', { form: 'JSON' }),
            value: <Copyable value={document.jsonSha256} />,
          },
          {
            label: t('shared.document.hash', { form: 'CSV' }),
            value: <Copyable value={document.csvSha256} />,
          },
        ]}
      />
    </Stack>
  );
}
