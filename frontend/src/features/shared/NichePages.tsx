import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/session';
import { JsonView } from '../../components/JsonView';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { useLocalized, When } from '../../components/text';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useRead } from '../../lib/use-read';
import { useRouteId } from '../../lib/use-route-id';
import { NicheFieldsTable } from '../market/NicheFieldsTable';
import { NicheQuery, NicheVersionsQuery } from '../market/niche-query';
import { NicheRules, ReturnReasons } from '../market/NicheRules';
import { NicheVersions } from '../market/NicheVersions';

/** Which niche a version belongs to: the API knows versions only by their niche. */
const VersionOwnersQuery = graphql(`
  query NicheVersionOwners {
    niches {
      id
      versions {
        id
      }
    }
  }
`);

type Niche = NonNullable<ResultOf<typeof NicheVersionsQuery>['niche']>;
type Version = Pick<Niche['versions'][number], 'policy' | 'fields' | 'returnReasons'>;

/** What one version of a niche asks of leads and grants to those who trade them. */
function VersionSections({ version, currency }: { version: Version; currency: string }) {
  const { t } = useTranslation();
  const kind = useViewer().organization.kind;
  return (
    <>
      <Section title={t('market.niche.rules')}>
        <NicheRules
          policy={version.policy}
          fields={version.fields}
          currency={currency}
          floor={kind !== 'PUBLISHER'}
        />
      </Section>
      <Section title={t('market.fields.title')}>
        <NicheFieldsTable fields={version.fields} />
      </Section>
      <Section title={t('market.niche.returnReasons')}>
        <ReturnReasons reasons={version.returnReasons} />
      </Section>
    </>
  );
}

/** A niche as buyers and publishers need it: its fields, its rules, for what leads come back. */
export function NichePage() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const id = useRouteId();
  const read = useRead(NicheQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.niche}>
      {(niche) => (
        <Page title={localized(niche.name)}>
          <Section>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={niche.id} /> },
                { label: t('market.niche.slug'), value: <code>{niche.slug}</code> },
                { label: t('common.currency'), value: niche.currency },
                { label: t('market.niche.version'), value: niche.version.version },
                { label: t('common.changed'), value: <When at={niche.version.createdAt} /> },
              ]}
            />
          </Section>
          <VersionSections version={niche.version} currency={niche.currency} />
          <NicheVersions versions={niche.versions} />
        </Page>
      )}
    </ReadState>
  );
}

function VersionOf({ nicheId, id }: { nicheId: string; id: string }) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const operator = useViewer().organization.kind === 'OPERATOR';
  const read = useRead(NicheVersionsQuery, { id: nicheId });
  const pick = (niche: Niche | null) => {
    const version = niche?.versions.find((each) => each.id === id);
    return niche === null || version === undefined ? null : { niche, version };
  };
  return (
    <ReadState read={read} pick={(data) => pick(data.niche)}>
      {({ niche, version }) => (
        <Page
          title={`${localized(niche.name)} · ${t('shared.versionN', { n: version.version })}`}
          trail={
            operator ? [{ label: t('operator.niches.title'), to: '/operator/niches' }] : undefined
          }
        >
          <Section>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={version.id} /> },
                {
                  label: t('shared.niche'),
                  value: <IdLink id={niche.id}>{localized(niche.name)}</IdLink>,
                },
                { label: t('common.created'), value: <When at={version.createdAt} /> },
                {
                  label: t('market.niche.inForce'),
                  value: version.id === niche.version.id ? t('common.yes') : t('common.no'),
                },
              ]}
            />
          </Section>
          <VersionSections version={version} currency={niche.currency} />
          {operator && (
            <>
              <Section title={t('operator.niches.policy')}>
                <JsonView value={version.policy} />
              </Section>
              <Section title={t('operator.niches.schema')}>
                <JsonView value={version.schema} />
              </Section>
            </>
          )}
        </Page>
      )}
    </ReadState>
  );
}

/** One version of a niche, as the leads that were checked by it met it. */
export function NicheVersionPage() {
  const id = useRouteId();
  const read = useRead(VersionOwnersQuery, {});
  return (
    <ReadState
      read={read}
      pick={(data) =>
        data.niches.find((niche) => niche.versions.some((version) => version.id === id))
      }
    >
      {(niche) => <VersionOf nicheId={niche.id} id={id} />}
    </ReadState>
  );
}
