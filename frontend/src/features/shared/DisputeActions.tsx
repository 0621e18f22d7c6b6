import { Button, Group, Modal, NumberInput, Radio, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActionButton } from '../../components/ActionButton';
import { MoneyInput } from '../../components/forms';
import { Problems } from '../../components/states';
import { Percent } from '../../components/text';
import { parseMoney } from '../../lib/format';
import { UserErrorFields } from '../../lib/fragments';
import { type Enum, graphql, type VariablesOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { type Dispute, isClaim } from './dispute-query';

const WithdrawReturn = graphql(
  `
    mutation WithdrawReturn($input: WithdrawReturnInput!) {
      withdrawReturn(input: $input) {
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

const WithdrawClaim = graphql(
  `
    mutation WithdrawClaim($input: WithdrawClaimInput!) {
      withdrawClaim(input: $input) {
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

const AnswerReturn = graphql(
  `
    mutation AnswerReturn($input: AnswerReturnInput!) {
      answerReturn(input: $input) {
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

const AnswerClaim = graphql(
  `
    mutation AnswerClaim($input: AnswerClaimInput!) {
      answerClaim(input: $input) {
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

const Decide = graphql(
  `
    mutation DecideDispute($input: DecideDisputeInput!) {
      decideDispute(input: $input) {
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

const Comment = graphql(
  `
    mutation CommentDispute($input: CommentDisputeInput!) {
      commentDispute(input: $input) {
        dispute {
          id
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type AnswerInput = VariablesOf<typeof AnswerReturn>['input'];
type WithdrawInput = VariablesOf<typeof WithdrawReturn>['input'];

/** Whoever opened the dispute takes it back. */
export function WithdrawDispute({ dispute }: { dispute: Pick<Dispute, 'id' | 'kind'> }) {
  const { t } = useTranslation();
  const claim = isClaim(dispute);
  const withdraw = useAction<object, WithdrawInput>(claim ? WithdrawClaim : WithdrawReturn, {
    idempotent: true,
  });
  return (
    <ActionButton
      variant="light"
      title={t('shared.withdraw')}
      text={t(claim ? 'shared.withdrawClaimText' : 'shared.withdrawText')}
      action={withdraw}
      input={() => ({ disputeId: dispute.id })}
    >
      {t('shared.withdraw')}
    </ActionButton>
  );
}

/**
 * The other side accepts, or contests with words for the operator. What was contested can still
 * be accepted, while nobody decided.
 */
export function AnswerDispute({ dispute }: { dispute: Pick<Dispute, 'id' | 'kind' | 'state'> }) {
  const { t } = useTranslation();
  const claim = isClaim(dispute);
  const answer = useAction<object, AnswerInput>(claim ? AnswerClaim : AnswerReturn, {
    idempotent: true,
  });
  const input = (accept: boolean) => (comment: string | null) => ({
    disputeId: dispute.id,
    accept,
    comment,
  });
  const accept = t(claim ? 'shared.acceptClaim' : 'shared.accept');
  return (
    <>
      <ActionButton
        variant="light"
        color="red"
        title={accept}
        text={t(claim ? 'shared.acceptClaimText' : 'shared.acceptText')}
        action={answer}
        input={input(true)}
        done={t('common.done')}
      >
        {accept}
      </ActionButton>
      {dispute.state === 'OPEN' && (
        <ActionButton
          title={t('shared.contest')}
          text={t(claim ? 'shared.contestClaimText' : 'shared.contestText')}
          note={{ label: t('common.comment'), required: true }}
          action={answer}
          input={input(false)}
          done={t('common.done')}
        >
          {t('shared.contest')}
        </ActionButton>
      )}
    </>
  );
}

type DecisionOutcome = Enum<'DisputeOutcome'>;
const OUTCOMES: readonly DecisionOutcome[] = ['UPHELD', 'PARTIAL', 'REFUSED'];

/** A claim without an amount has no part that could be granted. */
function outcomesOf({ kind, claim }: Dispute): readonly DecisionOutcome[] {
  const whole = kind === 'MISSING_CONVERSION' && claim?.amount == null;
  return whole ? OUTCOMES.filter((each) => each !== 'PARTIAL') : OUTCOMES;
}

/** The operator decides: all of the claim, a share of the price, or nothing. */
export function DecideDispute({ dispute }: { dispute: Dispute }) {
  const { t } = useTranslation();
  const decide = useAction(Decide, { idempotent: true });
  const [opened, setOpened] = useState(false);
  const [outcome, setOutcome] = useState<DecisionOutcome | null>(null);
  const [share, setShare] = useState<number | string>(50);
  const [comment, setComment] = useState('');
  const [amount, setAmount] = useState('');
  const claimed = dispute.claim?.amount ?? null;
  const minor = claimed === null ? null : parseMoney(amount, claimed.currency);
  const bps = Math.round(Number(share) * 100);
  const missing =
    outcome === null ||
    comment.trim() === '' ||
    (outcome === 'PARTIAL' && (claimed === null ? !(bps > 0) : minor === null));
  const submit = async () => {
    if (outcome === null) return;
    const answered = await decide.run({
      disputeId: dispute.id,
      outcome,
      shareBps: outcome === 'PARTIAL' && claimed === null ? bps : null,
      amount:
        outcome === 'PARTIAL' && claimed !== null && minor !== null
          ? { minor, currency: claimed.currency }
          : null,
      comment: comment.trim(),
    });
    if (!answered.ok) return;
    notifications.show({ color: 'teal', message: t('common.done') });
    setOpened(false);
  };
  return (
    <>
      <Button onClick={() => setOpened(true)}>{t('shared.decide')}</Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t('shared.decide')}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!missing) void submit();
          }}
        >
          <Stack>
            <Text size="sm">
              {t('shared.decideText')} {t('shared.shareClaimed')}:{' '}
              <Percent bps={dispute.claimedBps} />
            </Text>
            <Radio.Group
              label={t('shared.outcome')}
              required
              value={outcome}
              onChange={(value) => setOutcome(value)}
            >
              <Stack gap={6} mt={6}>
                {outcomesOf(dispute).map((each) => (
                  <Radio key={each} value={each} label={t(`enums.DisputeOutcome.${each}`)} />
                ))}
              </Stack>
            </Radio.Group>
            {outcome === 'PARTIAL' && claimed !== null && (
              <MoneyInput
                label={t('shared.grantedFor')}
                required
                currency={claimed.currency}
                value={amount}
                onValue={setAmount}
              />
            )}
            {outcome === 'PARTIAL' && claimed === null && (
              <NumberInput
                label={t('shared.shareDecided')}
                required
                min={0.01}
                max={(dispute.claimedBps - 1) / 100}
                decimalScale={2}
                suffix=" %"
                value={share}
                onChange={setShare}
              />
            )}
            <Textarea
              label={t('common.comment')}
              description={t('shared.decideCommentHint')}
              required
              autosize
              minRows={3}
              maxLength={2000}
              value={comment}
              onChange={(event) => setComment(event.currentTarget.value)}
            />
            <Problems problems={decide.problems} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setOpened(false)}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={decide.running} disabled={missing}>
                {t('shared.decide')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

/** Words for the other two parties. */
export function CommentForm({ disputeId }: { disputeId: string }) {
  const { t } = useTranslation();
  const comment = useAction(Comment);
  const [text, setText] = useState('');
  const send = async () => {
    const outcome = await comment.run({ disputeId, comment: text.trim() });
    if (outcome.ok) setText('');
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') void send();
      }}
    >
      <Stack gap="xs">
        <Textarea
          label={t('common.comment')}
          autosize
          minRows={2}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Problems problems={comment.problems} />
        <Group justify="flex-end">
          <Button
            type="submit"
            variant="light"
            loading={comment.running}
            disabled={text.trim() === ''}
          >
            {t('shared.send')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
