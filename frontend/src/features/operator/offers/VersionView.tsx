import { Accordion, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { NicheFieldSpec } from '../../../components/NicheForm';
import { ChangeTable } from '../../market/ChangeTable';
import { shownTerms } from '../../market/shownTerms';
import { TermsView } from '../../market/TermsView';
import type { Version } from './queries';

/** What a version changes against the one before, and all its terms. */
export function VersionView({
  version,
  niche,
  folded = false,
}: {
  version: Version;
  /** Where a change is reviewed, the unchanged rest of the terms is one click away. */
  folded?: boolean;
  niche: { currency: string; version: { fields: readonly NicheFieldSpec[] } };
}) {
  const { t } = useTranslation();
  const fields = [...niche.version.fields];
  const terms = <TermsView terms={shownTerms(version.terms)} fields={fields} side="price" />;
  return (
    <Stack>
      {version.version > 1 && (
        <>
          <Text fw={600}>{t('operator.offers.diff')}</Text>
          <ChangeTable changes={version.diff} fields={fields} currency={niche.currency} />
        </>
      )}
      {version.version > 1 && folded ? (
        <Accordion variant="contained" order={3}>
          <Accordion.Item value="terms">
            <Accordion.Control>{t('operator.offers.terms')}</Accordion.Control>
            <Accordion.Panel>{terms}</Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      ) : (
        <>
          <Text fw={600}>{t('operator.offers.terms')}</Text>
          {terms}
        </>
      )}
    </Stack>
  );
}
