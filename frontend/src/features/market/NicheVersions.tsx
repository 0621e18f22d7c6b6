import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../components/DataTable';
import { Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { When } from '../../components/text';
import type { Niche } from './niche-query';

/** Every version of a niche, newest first. */
export function NicheVersions({ versions }: { versions: Niche['versions'] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('market.niche.versions')}>
      <SimpleTable
        rows={[...versions].sort((left, right) => right.version - left.version)}
        rowKey={(row) => row.id}
        caption={t('market.niche.versions')}
        columns={[
          { id: 'version', header: t('market.niche.version'), cell: (row) => row.version },
          { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
          { id: 'at', header: t('common.created'), cell: (row) => <When at={row.createdAt} /> },
        ]}
      />
    </Section>
  );
}
