import {
  Alert,
  Button,
  CopyButton,
  Group,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { ActionButton } from '../../components/ActionButton';
import { FormDialog } from '../../components/FormDialog';
import { Facts, Section } from '../../components/layout';
import { ButtonLink } from '../../components/links';
import { useAction } from '../../lib/use-action';
import { SetSourceLink, type SourceQuery } from './sources';
import type { ResultOf } from '../../lib/graphql';
import { landing, trackingLink } from './trackingLink';

type Source = NonNullable<ResultOf<typeof SourceQuery>['source']>;

/** The parameter where the source names none. */
const CLICK_ID = 'click_id';
/** So many sub-ids have a field; links may have ten. */
const SUBS = ['sub1', 'sub2', 'sub3'] as const;

/** The tracking link of a source: where it leads, and the link to spread. */
export function LinkPanel({ source }: { source: Source }) {
  const { t } = useTranslation();
  const can = useCan();
  const { linkUrl } = source;
  const editable = can('MANAGE_SOURCES') && source.state !== 'REFUSED';
  return (
    <Section
      title={t('traffic.link.title')}
      actions={
        <>
          <ButtonLink to="/publisher/clicks" search={{ source: source.id }} variant="default">
            {t('traffic.clicks.title')}
          </ButtonLink>
          {editable && <Change source={source} />}
        </>
      }
    >
      <Stack>
        <Text size="sm">{t('traffic.link.text')}</Text>
        {linkUrl === null ? (
          <Alert color="blue">{t('traffic.link.none')}</Alert>
        ) : (
          <Ready source={source} url={linkUrl} param={source.linkParam ?? CLICK_ID} />
        )}
      </Stack>
    </Section>
  );
}

function Ready({ source, url, param }: { source: Source; url: string; param: string }) {
  const { t } = useTranslation();
  const [subs, setSubs] = useState<Record<string, string>>({});
  const marks = SUBS.map((name) => [name, subs[name] ?? ''] as const);
  const link = trackingLink({ origin: window.location.origin, source: source.id, marks });
  return (
    <>
      <Facts
        cols={2}
        facts={[
          { label: t('traffic.link.url'), value: url },
          { label: t('traffic.link.lands'), value: landing(url, param) ?? '–' },
        ]}
      />
      <SimpleGrid cols={{ base: 1, sm: SUBS.length }}>
        {SUBS.map((name) => (
          <TextInput
            key={name}
            label={`${name} (${t('common.optional')})`}
            autoComplete="off"
            maxLength={200}
            value={subs[name] ?? ''}
            onChange={(event) => setSubs({ ...subs, [name]: event.currentTarget.value })}
          />
        ))}
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {t('traffic.link.subsHint')}
      </Text>
      <Group align="flex-end" wrap="nowrap">
        <TextInput label={t('traffic.link.ready')} readOnly flex={1} miw={0} value={link} />
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <Button variant="light" onClick={copy}>
              {t(copied ? 'common.copied' : 'common.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
    </>
  );
}

function Change({ source }: { source: Source }) {
  const { t } = useTranslation();
  const set = useAction(SetSourceLink);
  const remove = useAction(SetSourceLink);
  const form = useForm({
    // Named as the server names them in its refusals.
    initialValues: { linkUrl: source.linkUrl ?? '', linkParam: source.linkParam ?? '' },
    validate: {
      linkUrl: (value) => (/^https:\/\/\S+$/.test(value.trim()) ? null : t('traffic.link.badUrl')),
    },
  });
  return (
    <>
      <FormDialog
        label={t(source.linkUrl === null ? 'traffic.link.set' : 'traffic.link.change')}
        variant="light"
        form={form}
        running={set.running}
        onSend={async ({ linkUrl, linkParam }) => {
          const param = linkParam.trim();
          const outcome = await set.run({
            sourceId: source.id,
            url: linkUrl.trim(),
            param: param === '' ? null : param,
          });
          if (outcome.ok) {
            form.setInitialValues({ linkUrl: linkUrl.trim(), linkParam: param });
            notifications.show({ color: 'teal', message: t('traffic.link.saved') });
          }
          return outcome;
        }}
      >
        <TextInput
          label={t('traffic.link.url')}
          description={t('traffic.link.urlHint')}
          placeholder="https://www.example.com/credit"
          required
          inputMode="url"
          data-autofocus
          {...form.getInputProps('linkUrl')}
        />
        <TextInput
          label={`${t('traffic.link.param')} (${t('common.optional')})`}
          description={t('traffic.link.paramHint')}
          placeholder={CLICK_ID}
          maxLength={40}
          {...form.getInputProps('linkParam')}
        />
      </FormDialog>
      {source.linkUrl !== null && (
        <ActionButton
          variant="light"
          danger
          title={t('traffic.link.remove')}
          text={t('traffic.link.removeText')}
          action={remove}
          input={() => ({ sourceId: source.id, url: null })}
          done={t('traffic.link.removed')}
        >
          {t('traffic.link.remove')}
        </ActionButton>
      )}
    </>
  );
}
