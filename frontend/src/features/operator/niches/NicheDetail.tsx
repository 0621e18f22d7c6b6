import { Badge, Group, Spoiler, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { SimpleTable } from '../../../components/DataTable';
import { JsonView } from '../../../components/JsonView';
import { Facts, Page, Section } from '../../../components/layout';
import { ButtonLink, Copyable } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { useLocalized } from '../../../components/text';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { type Niche, NicheQuery } from '../../market/niche-query';
import { NicheRules, ReturnReasons } from '../../market/NicheRules';
import { NicheVersions } from '../../market/NicheVersions';
import { PublishVersion } from './PublishVersion';
import { RoutingView } from './RoutingView';

type Field = Niche['version']['fields'][number];

function Flags({ field }: { field: Field }) {
  const { t } = useTranslation();
  const flags = (['required', 'pii', 'sensitive', 'ping'] as const).filter((each) => field[each]);
  return (
    <Group gap={4}>
      {flags.map((flag) => (
        <Badge key={flag} variant={flag === 'required' ? 'light' : 'outline'} tt="none" size="sm">
          {t(`operator.niches.flags.${flag}`)}
        </Badge>
      ))}
    </Group>
  );
}

function Fields({ fields }: { fields: Niche['version']['fields'] }) {
  const { t } = useTranslation();
  const localized = useLocalized();
  return (
    <SimpleTable
      rows={fields}
      rowKey={(row) => row.name}
      columns={[
        { id: 'label', header: t('common.field'), cell: (row) => localized(row.label) },
        { id: 'name', header: t('common.name'), cell: (row) => <code>{row.name}</code> },
        {
          id: 'type',
          header: t('common.kind'),
          cell: (row) => (row.kind === null ? row.type : `${row.type} · ${row.kind}`),
        },
        {
          id: 'flags',
          header: t('operator.niches.rules'),
          cell: (row) => <Flags field={row} />,
        },
        {
          id: 'options',
          header: t('operator.niches.options'),
          cell: (row) => (
            <Spoiler
              maxHeight={56}
              showLabel={t('common.showAll')}
              hideLabel={t('common.showLess')}
            >
              <Text size="xs">{row.options.map((each) => localized(each.label)).join(', ')}</Text>
            </Spoiler>
          ),
        },
      ]}
    />
  );
}

/** A niche: its fields, its policy, why leads may be returned, and its versions. */
export function NicheDetail() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const can = useCan();
  const id = useRouteId();
  const read = useRead(NicheQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.niche}>
      {(niche) => (
        <Page
          title={localized(niche.name)}
          trail={[{ label: t('operator.niches.title'), to: '/operator/niches' }]}
          actions={can('MANAGE_NICHES') ? <PublishVersion niche={niche} /> : null}
        >
          <Section>
            <Facts
              facts={[
                { label: t('common.id'), value: <Copyable value={niche.id} /> },
                { label: t('operator.niches.slug'), value: niche.slug },
                { label: t('common.currency'), value: niche.currency },
                { label: 'English', value: niche.name.en },
                { label: 'Русский', value: niche.name.ru },
                { label: t('market.niche.version'), value: niche.version.version },
              ]}
            />
          </Section>
          <Section title={t('operator.niches.fields')}>
            <Fields fields={niche.version.fields} />
          </Section>
          <Section title={t('market.niche.returnReasons')}>
            <ReturnReasons reasons={niche.version.returnReasons} />
          </Section>
          <Section title={t('market.niche.rules')}>
            <NicheRules
              policy={niche.version.policy}
              fields={niche.version.fields}
              currency={niche.currency}
              floor
            />
          </Section>
          <Section
            title={t('operator.routing.title')}
            actions={
              can('MANAGE_NICHES') && (
                <ButtonLink to={`/operator/niches/${niche.id}/routing`} variant="light" size="xs">
                  {t('operator.routing.change')}
                </ButtonLink>
              )
            }
          >
            <RoutingView policy={niche.version.policy} />
          </Section>
          <Section title={t('operator.niches.policy')}>
            <JsonView value={niche.version.policy} />
          </Section>
          <Section title={t('operator.niches.schema')}>
            <JsonView value={niche.version.schema} />
          </Section>
          <NicheVersions versions={niche.versions} />
        </Page>
      )}
    </ReadState>
  );
}
