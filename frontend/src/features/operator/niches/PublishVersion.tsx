import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { jsonProblem, JsonInput } from '../../../components/forms';
import { Problems } from '../../../components/states';
import { useAction } from '../../../lib/use-action';
import type { Niche } from '../../market/niche-query';
import { PublishNicheVersion } from './queries';

const pretty = (value: unknown) => JSON.stringify(value, null, 2);

/** Publishes the next version of a niche's schema and policy; leads keep the one they met. */
export function PublishVersion({ niche }: { niche: Niche }) {
  const { t } = useTranslation();
  const publish = useAction(PublishNicheVersion);
  const [opened, setOpened] = useState(false);
  const [schema, setSchema] = useState('');
  const [policy, setPolicy] = useState('');
  const open = () => {
    setSchema(pretty(niche.version.schema));
    setPolicy(pretty(niche.version.policy));
    publish.clear();
    setOpened(true);
  };
  const unchanged =
    schema === pretty(niche.version.schema) && policy === pretty(niche.version.policy);
  const broken = jsonProblem(schema) !== null || jsonProblem(policy) !== null;
  const submit = async () => {
    const outcome = await publish.run({
      nicheId: niche.id,
      schema: JSON.parse(schema) as unknown,
      policy: JSON.parse(policy) as unknown,
    });
    if (!outcome.ok) return;
    notifications.show({ color: 'teal', message: t('common.done') });
    setOpened(false);
  };
  return (
    <>
      <Button onClick={open}>{t('operator.niches.publish')}</Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('operator.niches.publish')}
        size="xl"
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!broken && !unchanged) void submit();
          }}
        >
          <Stack>
            <Alert color="yellow">{t('operator.niches.publishText')}</Alert>
            <JsonInput label={t('operator.niches.schema')} value={schema} onValue={setSchema} />
            <JsonInput label={t('operator.niches.policy')} value={policy} onValue={setPolicy} />
            <Problems problems={publish.problems} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpened(false)}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={publish.running} disabled={broken || unchanged}>
                {t('operator.niches.publish')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
