import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActionButton } from '../../components/ActionButton';
import { FieldsTable } from '../../components/FieldsTable';
import { JsonView } from '../../components/JsonView';
import type { NicheFieldSpec } from '../../components/NicheForm';
import { Problems } from '../../components/states';
import { UserErrorFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';

const DecideQuarantine = graphql(
  `
    mutation DecideQuarantine($input: DecideQuarantineInput!) {
      decideQuarantine(input: $input) {
        lead {
          id
          state
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const RevealLead = graphql(
  `
    mutation RevealLead($input: RevealLeadInput!) {
      revealLead(input: $input) {
        fields
        envelope
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

/** Lets a held lead go to the market, or refuses it. */
export function QuarantineDecision({ leadId }: { leadId: string }) {
  const { t } = useTranslation();
  const decide = useAction(DecideQuarantine, { idempotent: true });
  const input = (release: boolean) => (note: string | null) => ({ leadId, release, note });
  const note = { label: `${t('common.note')} (${t('common.optional')})` };
  return (
    <>
      <ActionButton
        title={t('shared.release')}
        text={t('shared.releaseText')}
        note={note}
        action={decide}
        input={input(true)}
        done={t('common.done')}
      >
        {t('shared.release')}
      </ActionButton>
      <ActionButton
        danger
        variant="light"
        title={t('shared.rejectLead')}
        text={t('shared.rejectText')}
        note={{ label: t('common.note'), required: true }}
        action={decide}
        input={input(false)}
        done={t('common.done')}
      >
        {t('shared.rejectLead')}
      </ActionButton>
    </>
  );
}

/** Shows contact data once, for a reason that goes into the audit log. */
export function RevealButton({
  leadId,
  specs,
}: {
  leadId: string;
  specs: readonly Pick<NicheFieldSpec, 'name' | 'label' | 'options'>[];
}) {
  const { t } = useTranslation();
  const reveal = useAction(RevealLead);
  const [opened, setOpened] = useState(false);
  const [reason, setReason] = useState('');
  const [shown, setShown] = useState<{ fields: unknown; envelope: unknown } | null>(null);
  const close = () => {
    setOpened(false);
    setShown(null);
    setReason('');
    reveal.clear();
  };
  const ask = async () => {
    const outcome = await reveal.run({ leadId, reason: reason.trim() });
    if (outcome.ok)
      setShown({ fields: outcome.payload.fields, envelope: outcome.payload.envelope });
  };
  return (
    <>
      <Button size="xs" variant="light" onClick={() => setOpened(true)}>
        {t('shared.reveal')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('shared.reveal')} size="lg">
        {shown === null ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void ask();
            }}
          >
            <Stack>
              <Text size="sm">{t('shared.revealText')}</Text>
              <Textarea
                label={t('shared.revealReason')}
                required
                autosize
                minRows={2}
                maxLength={500}
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
                data-autofocus
              />
              <Problems problems={reveal.problems} />
              <Group justify="flex-end">
                <Button variant="default" onClick={close}>
                  {t('common.cancel')}
                </Button>
                <Button type="submit" loading={reveal.running} disabled={reason.trim() === ''}>
                  {t('shared.reveal')}
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <Stack>
            <FieldsTable fields={shown.fields} specs={specs} />
            {shown.envelope != null && (
              <>
                <Text fw={600}>{t('shared.envelope')}</Text>
                <JsonView value={shown.envelope} />
              </>
            )}
            <Group justify="flex-end">
              <Button onClick={close}>{t('common.close')}</Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}
