import {
  Alert,
  Code,
  CopyButton,
  Button,
  Group,
  Stack,
  Tabs,
  Text,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { ConfirmButton } from '../../components/ConfirmButton';
import { Facts, Page, Section } from '../../components/layout';
import { ButtonLink, Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { StatusBadge } from '../../components/StatusBadge';
import { MoneyText, useLocalized, When } from '../../components/text';
import type { ResultOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { NicheFieldsTable } from '../market/NicheFieldsTable';
import { SecretOnce } from '../market/SecretOnce';
import { FormPanel } from './FormPanel';
import { LinkPanel } from './LinkPanel';
import {
  SAMPLE_LANGUAGES,
  SAMPLE_TITLES,
  sampleBody,
  sampleCode,
  type SampleLanguage,
} from './sampleCode';
import { SourceForm } from './SourceForm';
import { TestLeads } from './TestLeads';
import {
  RotatePostingKey,
  SetSourcePaused,
  SourceChoicesQuery,
  SourceQuery,
  UpdateSource,
} from './sources';

type Source = NonNullable<ResultOf<typeof SourceQuery>['source']>;

/** One source: its state, its posting key, and how to send leads with it. */
export function SourcePage({ id }: { id: string }) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const read = useRead(SourceQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.source}>
      {(source) => (
        <Page
          title={source.name}
          trail={[{ label: t('publisher.sources.title'), to: '/publisher/sources' }]}
          badge={<StatusBadge of="SourceState" value={source.state} />}
          actions={
            <SourceActions source={source} editing={editing} onEdit={() => setEditing(true)} />
          }
        >
          <Notice source={source} />
          {editing ? (
            <EditSource source={source} onDone={() => setEditing(false)} />
          ) : (
            <SourceFacts source={source} />
          )}
          {source.form !== null && <FormPanel source={source} form={source.form} />}
          <LinkPanel source={source} />
          <Sample source={source} />
          <TestLeads source={source.id} />
          <Section title={t('publisher.catalogue.fields')}>
            <NicheFieldsTable fields={source.niche.version.fields} />
          </Section>
        </Page>
      )}
    </ReadState>
  );
}

function Notice({ source }: { source: Source }) {
  const { t } = useTranslation();
  if (source.state === 'PENDING') {
    return <Alert color="yellow">{t('publisher.sources.pending')}</Alert>;
  }
  if (source.state === 'REFUSED') {
    return (
      <Alert color="red" title={t('publisher.sources.refused')}>
        {source.note}
      </Alert>
    );
  }
  return null;
}

function SourceFacts({ source }: { source: Source }) {
  const { t } = useTranslation();
  const text = useLocalized();
  return (
    <Section>
      <Facts
        cols={4}
        facts={[
          { label: t('common.id'), value: <Copyable value={source.id} /> },
          {
            label: t('buyer.offer.niche'),
            value: <IdLink id={source.niche.id}>{text(source.niche.name)}</IdLink>,
          },
          { label: t('common.kind'), value: t(`enums.SourceKind.${source.kind}`) },
          { label: t('publisher.sources.traffic'), value: source.traffic },
          {
            label: t('publisher.sources.target'),
            value:
              source.targetOfferId === null ? (
                t('publisher.sources.market')
              ) : (
                <IdLink id={source.targetOfferId}>{source.targetOffer?.name}</IdLink>
              ),
          },
          source.targetOfferId !== null && {
            label: t('publisher.sources.fallback'),
            value:
              source.fallbackOfferId === null ? (
                t(`enums.SourceFallback.${source.fallback}`)
              ) : (
                <>
                  {t(`enums.SourceFallback.${source.fallback}`)}:{' '}
                  <IdLink id={source.fallbackOfferId} />
                </>
              ),
          },
          { label: t('market.terms.maxSales'), value: source.maxSales },
          {
            label: t('publisher.sources.minEarning'),
            value: <MoneyText money={source.minEarning} />,
          },
          {
            label: t('publisher.sources.key'),
            value: <code>{source.postingKeyPrefix}…</code>,
          },
          { label: t('common.created'), value: <When at={source.createdAt} /> },
          source.decidedAt !== null && {
            label: t('common.decided'),
            value: <When at={source.decidedAt} />,
          },
          source.note !== null && { label: t('common.note'), value: source.note },
        ]}
      />
    </Section>
  );
}

function SourceActions({
  source,
  editing,
  onEdit,
}: {
  source: Source;
  editing: boolean;
  onEdit: () => void;
}) {
  const { t } = useTranslation();
  const can = useCan();
  const rotate = useAction(RotatePostingKey);
  const pause = useAction(SetSourcePaused);
  const [key, setKey] = useState<string | null>(null);
  const paused = source.state === 'PAUSED';
  const input = { id: source.id };
  return (
    <>
      {source.state !== 'REFUSED' && (
        <Button component="a" href={`/spec/${source.id}`} target="_blank" variant="default">
          {t('publisher.tests.spec')}
        </Button>
      )}
      <ButtonLink to="/publisher/leads" search={{ source: source.id }} variant="default">
        {t('publisher.leads.title')}
      </ButtonLink>
      {can('MANAGE_SOURCES') && source.state !== 'REFUSED' && (
        <>
          {!editing && (
            <Button variant="default" onClick={onEdit}>
              {t('publisher.sources.edit')}
            </Button>
          )}
          <ConfirmButton
            variant="light"
            title={t('publisher.sources.rotateTitle')}
            text={t('publisher.sources.rotateText')}
            confirmLabel={t('publisher.sources.rotate')}
            problems={rotate.problems}
            onOpen={rotate.clear}
            onConfirm={async () => {
              const outcome = await rotate.run(input);
              if (outcome.ok) setKey(outcome.payload.postingKey);
              return outcome.ok;
            }}
          >
            {t('publisher.sources.rotate')}
          </ConfirmButton>
          {(source.state === 'ACTIVE' || paused) && (
            <ActionButton
              variant="light"
              color={paused ? 'teal' : 'orange'}
              title={t(paused ? 'publisher.sources.resumeTitle' : 'publisher.sources.pauseTitle')}
              text={t(paused ? 'publisher.sources.resumeText' : 'publisher.sources.pauseText')}
              confirmLabel={t(paused ? 'buyer.offer.resume' : 'buyer.offer.pause')}
              action={pause}
              input={() => ({ ...input, paused: !paused })}
            >
              {t(paused ? 'buyer.offer.resume' : 'buyer.offer.pause')}
            </ActionButton>
          )}
        </>
      )}
      <SecretOnce
        title={t('publisher.sources.keyTitle')}
        secret={key}
        onClose={() => setKey(null)}
      />
    </>
  );
}

function EditSource({ source, onDone }: { source: Source; onDone: () => void }) {
  const { t } = useTranslation();
  const read = useRead(SourceChoicesQuery, {});
  const update = useAction(UpdateSource);
  return (
    <Section title={t('publisher.sources.edit')}>
      <ReadState read={read} pick={(data) => data}>
        {(choices) => (
          <SourceForm
            choices={choices}
            existing
            initial={{
              nicheId: source.niche.id,
              name: source.name,
              kind: source.kind,
              traffic: source.traffic,
              targetOfferId: source.targetOfferId,
              fallback: source.fallback,
              fallbackOfferId: source.fallbackOfferId,
              maxSales: source.maxSales,
              minEarning: source.minEarning,
            }}
            running={update.running}
            submitLabel={t('common.save')}
            onCancel={onDone}
            onSubmit={async (values) => {
              const { name, traffic, maxSales, minEarning } = values;
              const { targetOfferId, fallback, fallbackOfferId } = values;
              const outcome = await update.run({
                id: source.id,
                name,
                traffic,
                targetOfferId,
                fallback,
                fallbackOfferId,
                maxSales,
                minEarning,
              });
              if (!outcome.ok) return outcome.problems;
              notifications.show({ color: 'teal', message: t('publisher.sources.saved') });
              onDone();
              return [];
            }}
          />
        )}
      </ReadState>
    </Section>
  );
}

/** Code that posts a lead of this source's niche, ready to paste. */
function Sample({ source }: { source: Source }) {
  const { t } = useTranslation();
  const [language, setLanguage] = useState<SampleLanguage>('curl');
  const [key, setKey] = useState('');
  const body = useMemo(
    () => sampleBody(source.niche.version.fields, source.niche.version.schema, new Date()),
    [source.niche.version.fields, source.niche.version.schema],
  );
  const code = sampleCode(language, {
    origin: window.location.origin,
    key: key.trim() || `${source.postingKeyPrefix}…`,
    body,
  });
  return (
    <Section title={t('publisher.sources.sample')}>
      <Stack>
        <Text size="sm">{t('publisher.sources.sampleText')}</Text>
        <TextInput
          label={t('publisher.sources.sampleKey')}
          description={t('publisher.sources.sampleKeyHint')}
          placeholder={`${source.postingKeyPrefix}…`}
          autoComplete="off"
          spellCheck={false}
          maw={520}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <Tabs
          value={language}
          onChange={(next) => {
            const found = SAMPLE_LANGUAGES.find((each) => each === next);
            if (found) setLanguage(found);
          }}
        >
          <Group justify="space-between" wrap="nowrap">
            <Tabs.List>
              {SAMPLE_LANGUAGES.map((each) => (
                <Tabs.Tab key={each} value={each}>
                  {SAMPLE_TITLES[each]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <CopyButton value={code}>
              {({ copied, copy }) => (
                <Button size="xs" variant="light" onClick={copy}>
                  {t(copied ? 'common.copied' : 'common.copy')}
                </Button>
              )}
            </CopyButton>
          </Group>
          <Tabs.Panel value={language} pt="sm">
            <Code block data-testid="sample">
              {code}
            </Code>
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Section>
  );
}
