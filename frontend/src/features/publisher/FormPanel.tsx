import {
  Alert,
  Button,
  Checkbox,
  Code,
  CopyButton,
  Group,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { placeProblems } from '../../components/forms';
import { Section } from '../../components/layout';
import { Problems } from '../../components/states';
import { useLocalized } from '../../components/text';
import type { Problem } from '../../lib/errors';
import type { ResultOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { EMBED_MODES, embedSnippet, type EmbedMode } from './embedSnippet';
import { SetSourceForm, type SourceQuery } from './sources';

type Source = NonNullable<ResultOf<typeof SourceQuery>['source']>;
type Form = NonNullable<Source['form']>;

/** Kinds of fields that a form does not ask for: the exchange knows them itself. */
const OWN_KINDS = ['ip', 'url', 'consent'];

/** The hosted form of a source: its settings, how to put it on a page, and how it looks. */
export function FormPanel({ source, form }: { source: Source; form: Form }) {
  const can = useCan();
  const editable = can('MANAGE_SOURCES') && source.state !== 'REFUSED';
  return (
    <>
      <Embedding source={source} form={form} />
      {editable && <Settings source={source} form={form} />}
    </>
  );
}

function Embedding({ source, form }: { source: Source; form: Form }) {
  const { t, i18n } = useTranslation();
  const [mode, setMode] = useState<EmbedMode>('inline');
  const [lang, setLang] = useState<'' | 'en' | 'ru'>('');
  const [delay, setDelay] = useState<number | null>(5);
  const [scroll, setScroll] = useState<number | null>(null);
  const [exit, setExit] = useState(false);
  const { origin } = window.location;
  const snippet = embedSnippet({ origin, source: source.id, mode, lang, delay, scroll, exit });
  const shown = lang === '' ? (i18n.resolvedLanguage ?? 'en') : lang;
  const address = `/f/${source.id}`;
  const preview = `${address}?embed=1&test=1&mode=${mode}&lang=${shown}`;
  const whole = (next: string | number) => (typeof next === 'number' ? next : null);
  return (
    <Section
      title={t('publisher.form.title')}
      actions={
        <Button component="a" href={address} target="_blank" rel="noopener" variant="default">
          {t('publisher.form.open')}
        </Button>
      }
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack>
          <Text size="sm">{t('publisher.form.text')}</Text>
          <SegmentedControl
            aria-label={t('publisher.form.mode')}
            data={EMBED_MODES.map((value) => ({
              value,
              label: t(`publisher.form.modes.${value}`),
            }))}
            value={mode}
            onChange={(next) => {
              const found = EMBED_MODES.find((each) => each === next);
              if (found) setMode(found);
            }}
          />
          <Select
            label={t('publisher.form.lang')}
            allowDeselect={false}
            data={[
              { value: '', label: t('publisher.form.langs.page') },
              { value: 'en', label: t('publisher.form.langs.en') },
              { value: 'ru', label: t('publisher.form.langs.ru') },
            ]}
            value={lang}
            onChange={(next) => setLang(next === 'en' || next === 'ru' ? next : '')}
          />
          {mode === 'popup' && (
            <Group align="flex-end">
              <NumberInput
                label={t('publisher.form.delay')}
                min={0}
                max={3600}
                value={delay ?? ''}
                onChange={(next) => setDelay(whole(next))}
              />
              <NumberInput
                label={t('publisher.form.scroll')}
                min={0}
                max={100}
                value={scroll ?? ''}
                onChange={(next) => setScroll(whole(next))}
              />
              <Checkbox
                label={t('publisher.form.exit')}
                checked={exit}
                onChange={(event) => setExit(event.currentTarget.checked)}
              />
            </Group>
          )}
          <Group justify="space-between">
            <Text size="sm" fw={600}>
              {t('publisher.form.snippet')}
            </Text>
            <CopyButton value={snippet}>
              {({ copied, copy }) => (
                <Button size="xs" variant="light" onClick={copy}>
                  {t(copied ? 'common.copied' : 'common.copy')}
                </Button>
              )}
            </CopyButton>
          </Group>
          <Code block data-testid="snippet" tabIndex={0}>
            {snippet}
          </Code>
        </Stack>
        <Stack gap="xs">
          <Text size="sm" fw={600}>
            {t('publisher.form.preview')}
          </Text>
          {source.state === 'ACTIVE' ? (
            <>
              <Text size="sm" c="dimmed">
                {t('publisher.form.previewText')}
              </Text>
              <iframe
                key={`${preview}${JSON.stringify(form)}`}
                title={t('publisher.form.preview')}
                src={preview}
                style={{
                  width: '100%',
                  height: 520,
                  border: '1px solid var(--mantine-color-default-border)',
                  borderRadius: 8,
                  background: 'white',
                }}
              />
            </>
          ) : (
            <Alert color="yellow">{t('publisher.form.inactive')}</Alert>
          )}
        </Stack>
      </SimpleGrid>
    </Section>
  );
}

/** A text without what the client adds to it. */
const plain = ({ en, ru }: { en: string; ru: string }) => ({ en, ru });

const TEXTS = ['title', 'button', 'thanks', 'consent'] as const;
const ADDRESSES = ['policyUrl', 'redirectUrl', 'fileUrl'] as const;

function Settings({ source, form }: { source: Source; form: Form }) {
  const { t } = useTranslation();
  const text = useLocalized();
  const save = useAction(SetSourceForm);
  const [rest, setRest] = useState<readonly Problem[]>([]);
  const fields = useForm({
    initialValues: {
      title: plain(form.title),
      button: plain(form.button),
      thanks: plain(form.thanks),
      consent: plain(form.consent),
      policyUrl: form.policyUrl ?? '',
      redirectUrl: form.redirectUrl ?? '',
      fileUrl: form.fileUrl ?? '',
      sites: form.sites.join('\n'),
      fields: [...form.fields],
    },
  });
  const optional = source.niche.version.fields.filter(
    (field) => !field.required && !OWN_KINDS.includes(field.kind ?? ''),
  );
  const submit = fields.onSubmit(async (values) => {
    const { sites, policyUrl, redirectUrl, fileUrl, ...same } = values;
    const outcome = await save.run({
      sourceId: source.id,
      ...same,
      policyUrl: policyUrl.trim() || null,
      redirectUrl: redirectUrl.trim() || null,
      fileUrl: fileUrl.trim() || null,
      sites: sites.split('\n').filter((line) => line.trim() !== ''),
    });
    if (!outcome.ok) {
      setRest(placeProblems(fields, outcome.problems, t));
      return;
    }
    setRest([]);
    notifications.show({ color: 'teal', message: t('publisher.form.saved') });
  });
  const labels = {
    title: t('publisher.form.headline'),
    button: t('publisher.form.button'),
    thanks: t('publisher.form.thanks'),
    consent: t('publisher.form.consent'),
  };
  return (
    <Section title={t('publisher.form.look')}>
      <form onSubmit={submit} noValidate>
        <Stack maw={860}>
          <Text size="sm" c="dimmed">
            {t('publisher.form.own')}
          </Text>
          {TEXTS.map((name) => (
            <SimpleGrid key={name} cols={{ base: 1, sm: 2 }}>
              {(['en', 'ru'] as const).map((language) => {
                const Input = name === 'thanks' || name === 'consent' ? Textarea : TextInput;
                return (
                  <Input
                    key={language}
                    label={`${labels[name]} (${language})`}
                    {...fields.getInputProps(`${name}.${language}`)}
                    error={fields.errors[name]}
                  />
                );
              })}
            </SimpleGrid>
          ))}
          <Text size="sm" c="dimmed">
            {t('publisher.form.consentHint')}{' '}
            {t('publisher.form.version', { version: form.consentVersion })}
          </Text>
          {ADDRESSES.map((name) => (
            <TextInput
              key={name}
              label={t(`publisher.form.${name}`)}
              placeholder={t('publisher.form.httpsHint')}
              inputMode="url"
              {...fields.getInputProps(name)}
            />
          ))}
          <Textarea
            label={t('publisher.form.sites')}
            description={t('publisher.form.sitesHint')}
            autosize
            minRows={2}
            spellCheck={false}
            {...fields.getInputProps('sites')}
          />
          <MultiSelect
            label={t('publisher.form.fields')}
            description={t('publisher.form.fieldsHint')}
            data={optional.map((field) => ({ value: field.name, label: text(field.label) }))}
            {...fields.getInputProps('fields')}
          />
          <Problems problems={rest} />
          <Group>
            <Button type="submit" loading={save.running}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
