import { Accordion, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { StatusBadge } from '../../../components/StatusBadge';
import { When } from '../../../components/text';
import { ChangeTable } from '../../market/ChangeTable';
import type { FieldSpec } from '../../market/conditions';
import { shownTerms } from '../../market/shownTerms';
import { TermsView } from '../../market/TermsView';
import type { LoadedOffer } from './OfferPage';

interface Props {
  versions: LoadedOffer['versions'];
  fields: readonly FieldSpec[];
  currency: string;
}

/** Every version of the terms, what it changed and what was decided about it. */
export function OfferVersions({ versions, fields, currency }: Props) {
  const { t } = useTranslation();
  const sorted = [...versions].sort((a, b) => b.version - a.version);
  return (
    <Accordion variant="separated" order={3}>
      {sorted.map((version) => (
        <Accordion.Item key={version.id} value={version.id}>
          <Accordion.Control>
            <Group gap="sm">
              <Text fw={500}>{t('buyer.offer.versionNumber', { version: version.version })}</Text>
              <StatusBadge of="OfferVersionState" value={version.state} />
              <Text size="sm" c="dimmed">
                <When at={version.effectiveAt ?? version.createdAt} />
              </Text>
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <Stack>
              <Facts
                cols={4}
                facts={[
                  { label: t('common.id'), value: <IdLink id={version.id} /> },
                  { label: t('common.created'), value: <When at={version.createdAt} /> },
                  version.submittedAt !== null && {
                    label: t('buyer.offer.submittedAt'),
                    value: <When at={version.submittedAt} />,
                  },
                  version.decidedAt !== null && {
                    label: t('common.decided'),
                    value: <When at={version.decidedAt} />,
                  },
                  version.effectiveAt !== null && {
                    label: t('buyer.offer.effectiveAt'),
                    value: <When at={version.effectiveAt} />,
                  },
                  version.note !== null && { label: t('common.note'), value: version.note },
                ]}
              />
              {version.version > 1 && (
                <ChangeTable changes={version.diff} fields={fields} currency={currency} />
              )}
              <TermsView terms={shownTerms(version.terms)} fields={fields} side="price" />
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}
