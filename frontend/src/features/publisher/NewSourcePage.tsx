import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page, Section } from '../../components/layout';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { SecretOnce } from '../market/SecretOnce';
import { SourceForm } from './SourceForm';
import { CreateSource, SourceChoicesQuery } from './sources';

/** A new source; `?offer=` points it at one offer. */
export function NewSourcePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search: Record<string, unknown> = useSearch({ strict: false });
  const read = useRead(SourceChoicesQuery, {});
  const create = useAction(CreateSource);
  const [created, setCreated] = useState<{ id: string; key: string } | null>(null);
  return (
    <Page
      title={t('publisher.sources.create')}
      trail={[{ label: t('publisher.sources.title'), to: '/publisher/sources' }]}
    >
      <ReadState read={read} pick={(data) => data}>
        {(choices) => {
          const target = choices.catalogue.nodes.find((offer) => offer.id === search.offer);
          if (choices.niches.length === 0) {
            return <EmptyState title={t('buyer.offerForm.noNiches')} />;
          }
          return (
            <Section>
              <SourceForm
                choices={choices}
                initial={target ? { nicheId: target.niche.id, targetOfferId: target.id } : {}}
                running={create.running}
                submitLabel={t('publisher.sources.create')}
                onCancel={() => void navigate({ to: '/publisher/sources' })}
                onSubmit={async (values) => {
                  const outcome = await create.run(values);
                  if (!outcome.ok) return outcome.problems;
                  const { source, postingKey } = outcome.payload;
                  if (source && postingKey !== null) setCreated({ id: source.id, key: postingKey });
                  return [];
                }}
              />
            </Section>
          );
        }}
      </ReadState>
      <SecretOnce
        title={t('publisher.sources.keyTitle')}
        secret={created?.key ?? null}
        onClose={() => {
          if (created) void navigate({ to: `/publisher/sources/${created.id}` });
        }}
      />
    </Page>
  );
}
