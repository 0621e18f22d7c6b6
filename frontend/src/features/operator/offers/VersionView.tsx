import { Stack, Text } from '@mantine/core';
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
}: {
  version: Version;
  niche: { currency: string; version: { fields: readonly NicheFieldSpec[] } };
}) {
  const { t } = useTranslation();
  const fields = [...niche.version.fields];
  return (
    <Stack>
      {version.version > 1 && (
        <>
          <Text fw={600}>{t('operator.offers.diff')}</Text>
          <ChangeTable changes={version.diff} fields={fields} currency={niche.currency} />
        </>
      )}
      <Text fw={600}>{t('operator.offers.terms')}</Text>
      <TermsView terms={shownTerms(version.terms)} fields={fields} side="price" />
    </Stack>
  );
}
