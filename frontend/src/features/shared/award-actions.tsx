import { Button, Group, Modal, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problems } from '../../components/states';
import { useEnumOptions } from '../../components/StatusBadge';
import { useLocalized } from '../../components/text';
import { problemText } from '../../lib/errors';
import { UserErrorFields } from '../../lib/fragments';
import { type Enum, graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';

const SetDisposition = graphql(
  `
    mutation SetDisposition($input: SetDispositionInput!) {
      setDisposition(input: $input) {
        award {
          id
          disposition
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const OpenReturn = graphql(
  `
    mutation OpenReturn($input: OpenReturnInput!) {
      openReturn(input: $input) {
        dispute {
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

/** What the buyer did with the lead; saved at once. */
export function DispositionSelect({
  awardId,
  value,
}: {
  awardId: string;
  value: Enum<'Disposition'>;
}) {
  const { t } = useTranslation();
  const set = useAction(SetDisposition);
  const [problem] = set.problems;
  const options = useEnumOptions('Disposition');
  return (
    <Select
      size="sm"
      w={190}
      aria-label={t('shared.disposition')}
      allowDeselect={false}
      data={options}
      value={value}
      disabled={set.running}
      error={problem === undefined ? null : problemText(problem, t)}
      onChange={(next) => {
        if (next !== null && next !== value) {
          void set.run({ awardId, value: next as Enum<'Disposition'> });
        }
      }}
    />
  );
}

export interface ReturnReasonOption {
  code: string;
  label: { en: string; ru: string };
  commentRequired: boolean;
}

/** Opens a return with a coded reason, a comment and the share of the price asked back. */
export function ReturnButton({
  conversionId,
  reasons,
}: {
  conversionId: string;
  reasons: readonly ReturnReasonOption[];
}) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const open = useAction(OpenReturn, { idempotent: true });
  const [opened, setOpened] = useState(false);
  const [code, setCode] = useState<string | null>(null);
  const [comment, setComment] = useState('');
  const [share, setShare] = useState<number>(100);
  const reason = reasons.find((each) => each.code === code);
  const missing = code === null || (reason?.commentRequired === true && comment.trim() === '');
  const submit = async () => {
    if (code === null) return;
    const outcome = await open.run({
      conversionId,
      reasonCode: code,
      comment: comment.trim() === '' ? null : comment.trim(),
      shareBps: Math.round(share * 100),
    });
    if (!outcome.ok) return;
    notifications.show({ color: 'teal', message: t('shared.returnOpened') });
    setOpened(false);
  };
  return (
    <>
      <Button size="compact-sm" color="red" variant="light" onClick={() => setOpened(true)}>
        {t('shared.returnLead')}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t('shared.returnLead')}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!missing) void submit();
          }}
        >
          <Stack>
            <Text size="sm">{t('shared.returnText')}</Text>
            <Select
              label={t('shared.reason')}
              required
              data={reasons.map((each) => ({ value: each.code, label: localized(each.label) }))}
              value={code}
              onChange={setCode}
            />
            <Textarea
              label={t('common.comment')}
              required={reason?.commentRequired ?? false}
              autosize
              minRows={3}
              maxLength={2000}
              value={comment}
              onChange={(event) => setComment(event.currentTarget.value)}
            />
            <NumberInput
              label={t('shared.shareClaimed')}
              min={1}
              max={100}
              decimalScale={2}
              suffix=" %"
              value={share}
              onChange={(value) => setShare(Number(value))}
            />
            <Problems problems={open.problems} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpened(false)}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" color="red" loading={open.running} disabled={missing}>
                {t('shared.returnLead')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
