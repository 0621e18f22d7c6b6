import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { SimpleTable } from '../../../components/DataTable';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { EmptyState, Problems } from '../../../components/states';
import { useLocalized, When } from '../../../components/text';
import { useAction } from '../../../lib/use-action';
import { useRead } from '../../../lib/use-read';
import { InstallNichePack, NichesQuery } from './queries';

/** The packs that come with the exchange. */
const PACKS = ['mortgage', 'car_insurance', 'windows', 'legal_advice', 'online_courses'] as const;

function InstallPack({ installed }: { installed: ReadonlySet<string> }) {
  const { t } = useTranslation();
  const install = useAction(InstallNichePack);
  const [opened, setOpened] = useState(false);
  const [slug, setSlug] = useState<string | null>(null);
  const left = PACKS.filter((each) => !installed.has(each));
  const submit = async () => {
    if (slug === null) return;
    const outcome = await install.run({ slug });
    if (!outcome.ok) return;
    notifications.show({ color: 'teal', message: t('common.done') });
    setOpened(false);
    setSlug(null);
  };
  if (left.length === 0) return null;
  return (
    <>
      <Button onClick={() => setOpened(true)}>{t('operator.niches.install')}</Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t('operator.niches.install')}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Stack>
            <Text size="sm">{t('operator.niches.installText')}</Text>
            <Select
              label={t('operator.niches.pack')}
              required
              data={left.map((each) => ({
                value: each,
                label: t(`operator.niches.packs.${each}`),
              }))}
              value={slug}
              onChange={setSlug}
            />
            <Problems problems={install.problems} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpened(false)}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={install.running} disabled={slug === null}>
                {t('operator.niches.install')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

export function NicheList() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const can = useCan();
  const read = useRead(NichesQuery, {});
  const installed = new Set(read.data?.niches.map((niche) => niche.slug) ?? []);
  return (
    <Page
      title={t('operator.niches.title')}
      actions={
        can('MANAGE_NICHES') && read.data !== undefined ? (
          <InstallPack installed={installed} />
        ) : null
      }
    >
      <ReadState read={read} pick={(data) => data.niches}>
        {(niches) =>
          niches.length === 0 ? (
            <EmptyState title={t('operator.niches.none')} />
          ) : (
            <SimpleTable
              rows={niches}
              rowKey={(row) => row.id}
              columns={[
                {
                  id: 'name',
                  header: t('common.name'),
                  cell: (row) => <IdLink id={row.id}>{localized(row.name)}</IdLink>,
                },
                { id: 'slug', header: t('operator.niches.slug'), cell: (row) => row.slug },
                { id: 'currency', header: t('common.currency'), cell: (row) => row.currency },
                {
                  id: 'version',
                  header: t('market.niche.version'),
                  align: 'right',
                  cell: (row) => row.version.version,
                },
                {
                  id: 'since',
                  header: t('common.changed'),
                  cell: (row) => <When at={row.version.createdAt} />,
                },
              ]}
            />
          )
        }
      </ReadState>
    </Page>
  );
}
