import { Button, Checkbox, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../components/FormDialog';
import type { Enum } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';
import { SecretOnce } from '../market/SecretOnce';
import { SourceSelect } from '../market/sources';
import { CreatePostback, MacrosQuery, type Postback, UpdatePostback } from './documents';
import { filled, unknownMacros, withMacro } from './macros';

/** What a publisher may be told of; a test is only sent by hand. */
export const EVENTS = [
  'SOLD',
  'UNSOLD',
  'REJECTED',
  'QUARANTINED',
  'CONVERSION_CREATED',
  'CONVERSION_APPROVED',
  'CONVERSION_RETURNED',
] as const satisfies readonly Enum<'NoticeEvent'>[];

/** The macros that most addresses have, offered first. */
const COMMON = ['click_id', 'event', 'earning', 'currency', 'lead_id', 'event_id', 'sub1'];

interface PostbackForm {
  name: string;
  url: string;
  method: Enum<'NoticeMethod'>;
  events: string[];
  sourceId: string | null;
}

function emptyForm(): PostbackForm {
  return { name: '', url: '', method: 'GET', events: ['SOLD'], sourceId: null };
}

/** Makes a postback or changes one; the signing secret of a new one is shown once. */
export function PostbackDialog({ postback }: { postback?: Postback }) {
  const { t } = useTranslation();
  const create = useAction(CreatePostback);
  const update = useAction(UpdatePostback);
  const [secret, setSecret] = useState<string | null>(null);
  const macros = useRead(MacrosQuery, {}).data?.postbackMacros ?? [];
  const form = useForm<PostbackForm>({
    initialValues:
      postback === undefined
        ? emptyForm()
        : { ...postback, events: [...postback.events], sourceId: postback.source?.id ?? null },
    validate: {
      name: (value) => (value.trim() === '' ? t('common.required') : null),
      url: (value) => {
        if (!/^https?:\/\/\S+$/.test(value.trim())) return t('publisher.postbacks.badUrl');
        const [unknown] = macros.length === 0 ? [] : unknownMacros(value, macros);
        return unknown === undefined
          ? null
          : t('publisher.postbacks.noMacro', { name: `{${unknown}}` });
      },
      events: (value) => (value.length === 0 ? t('publisher.postbacks.noEvents') : null),
    },
  });
  const send = async (values: PostbackForm) => {
    const input = {
      name: values.name.trim(),
      url: values.url.trim(),
      method: values.method,
      events: EVENTS.filter((event) => values.events.includes(event)),
      sourceId: values.sourceId,
    };
    if (postback === undefined) {
      const outcome = await create.run(input);
      if (outcome.ok) setSecret(outcome.payload.secret);
      return outcome;
    }
    const outcome = await update.run({ id: postback.id, ...input });
    if (outcome.ok) {
      form.setInitialValues(values);
      notifications.show({ color: 'teal', message: t('publisher.postbacks.saved') });
    }
    return outcome;
  };
  return (
    <>
      <FormDialog
        label={t(
          postback === undefined ? 'publisher.postbacks.create' : 'publisher.postbacks.edit',
        )}
        {...(postback === undefined ? {} : { size: 'xs' as const, variant: 'light' as const })}
        form={form}
        running={create.running || update.running}
        onSend={send}
      >
        <TextInput
          label={t('common.name')}
          required
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Stack gap={6}>
          <TextInput
            label={t('publisher.postbacks.url')}
            description={t('publisher.postbacks.urlHint')}
            placeholder="https://tracker.example.com/in?click={click_id}&payout={earning}"
            required
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('url')}
          />
          <MacroButtons
            names={COMMON.filter((name) => macros.some((macro) => macro.name === name))}
            onAdd={(name) => form.setFieldValue('url', withMacro(form.values.url, name))}
          />
          {form.values.url.includes('{') && (
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {t('publisher.postbacks.preview')} {filled(form.values.url.trim(), macros)}
            </Text>
          )}
        </Stack>
        <Group gap="sm">
          <SegmentedControl
            aria-label={t('publisher.postbacks.method')}
            data={['GET', 'POST']}
            value={form.values.method}
            onChange={(next) => form.setFieldValue('method', next === 'POST' ? 'POST' : 'GET')}
          />
          <Text size="xs" c="dimmed">
            {t(`publisher.postbacks.methodHint.${form.values.method}`)}
          </Text>
        </Group>
        <Checkbox.Group
          label={t('publisher.postbacks.events')}
          required
          {...form.getInputProps('events')}
        >
          <Stack gap={6} mt={6}>
            {EVENTS.map((event) => (
              <Checkbox key={event} value={event} label={t(`enums.NoticeEvent.${event}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <SourceSelect
          clearable
          placeholder={t('publisher.postbacks.allSources')}
          {...form.getInputProps('sourceId')}
        />
      </FormDialog>
      <SecretOnce
        title={t('publisher.postbacks.secret')}
        secret={secret}
        onClose={() => setSecret(null)}
      />
    </>
  );
}

/** Macros that go into the address at a press. */
function MacroButtons({
  names,
  onAdd,
}: {
  names: readonly string[];
  onAdd: (name: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Group gap={4}>
      {names.map((name) => (
        <Button
          key={name}
          size="compact-xs"
          variant="default"
          ff="monospace"
          aria-label={t('publisher.postbacks.add', { name: `{${name}}` })}
          onClick={() => onAdd(name)}
        >
          {`{${name}}`}
        </Button>
      ))}
    </Group>
  );
}
