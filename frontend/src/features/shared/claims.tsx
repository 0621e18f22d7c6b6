import { SegmentedControl, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { ActionButton } from '../../components/ActionButton';
import { MoneyInput } from '../../components/forms';
import { FormDialog } from '../../components/FormDialog';
import { InstantInput } from '../../components/InstantInput';
import { parseMoney } from '../../lib/format';
import { UserErrorFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';

const ClaimConversion = graphql(
  `
    mutation ClaimConversion($input: ClaimConversionInput!) {
      claimConversion(input: $input) {
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

type Claimed = 'SALE' | 'REGISTRATION';

interface ClaimForm {
  goal: Claimed;
  amount: string;
  occurredAt: string | null;
  comment: string;
}

/** The publisher says that a sale or a registration of this lead was not reported. */
export function ClaimMissing({ awardId, currency }: { awardId: string; currency: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const claim = useAction(ClaimConversion, { idempotent: true });
  const form = useForm<ClaimForm>({
    initialValues: {
      goal: 'SALE',
      amount: '',
      occurredAt: dayjs().format('YYYY-MM-DD HH:mm:ss'),
      comment: '',
    },
    validate: {
      occurredAt: (value) => (value === null ? t('common.required') : null),
      comment: (value) => (value.trim() === '' ? t('common.required') : null),
      amount: (value, { goal }) =>
        goal === 'SALE' && value.trim() !== '' && parseMoney(value, currency) === null
          ? t('common.badMoney')
          : null,
    },
  });
  const { goal, amount } = form.values;
  return (
    <FormDialog
      label={t('shared.claim')}
      variant="light"
      form={form}
      running={claim.running}
      onSend={async (values) => {
        const minor = parseMoney(values.amount, currency);
        const outcome = await claim.run({
          awardId,
          goal: values.goal,
          amount: values.goal === 'SALE' && minor !== null ? { minor, currency } : null,
          occurredAt: new Date(values.occurredAt ?? '').toISOString(),
          comment: values.comment.trim(),
        });
        if (outcome.ok) {
          notifications.show({ color: 'teal', message: t('shared.claimed') });
          const id = outcome.payload.dispute?.id;
          if (id !== undefined) void navigate({ to: `/disputes/${id}` });
        }
        return outcome;
      }}
    >
      <Text size="sm">{t('shared.claimText')}</Text>
      <SegmentedControl
        aria-label={t('shared.goal')}
        data={[
          { value: 'SALE', label: t('enums.GoalKind.SALE') },
          { value: 'REGISTRATION', label: t('enums.GoalKind.REGISTRATION') },
        ]}
        value={goal}
        onChange={(next) => form.setFieldValue('goal', next === 'SALE' ? 'SALE' : 'REGISTRATION')}
      />
      {goal === 'SALE' && (
        <MoneyInput
          label={`${t('shared.saleAmount')} (${t('common.optional')})`}
          description={t('shared.saleAmountHint')}
          currency={currency}
          value={amount}
          error={form.errors.amount}
          onValue={(text) => form.setFieldValue('amount', text)}
        />
      )}
      <InstantInput
        label={t('shared.occurred')}
        required
        maxDate={new Date()}
        {...form.getInputProps('occurredAt')}
      />
      <Textarea
        label={t('shared.claimHow')}
        required
        autosize
        minRows={3}
        maxLength={2000}
        {...form.getInputProps('comment')}
      />
    </FormDialog>
  );
}

/** The buyer agrees and is billed, or contests with words for the operator. */
export function AnswerMissing({
  disputeId,
  contestable,
}: {
  disputeId: string;
  contestable: boolean;
}) {
  const { t } = useTranslation();
  const answer = useAction(AnswerClaim, { idempotent: true });
  const input = (accept: boolean) => (comment: string | null) => ({ disputeId, accept, comment });
  return (
    <>
      <ActionButton
        variant="light"
        color="red"
        title={t('shared.acceptClaim')}
        text={t('shared.acceptClaimText')}
        action={answer}
        input={input(true)}
        done={t('common.done')}
      >
        {t('shared.acceptClaim')}
      </ActionButton>
      {contestable && (
        <ActionButton
          title={t('shared.contest')}
          text={t('shared.contestClaimText')}
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

/** The publisher takes the claim back. */
export function WithdrawMissing({ disputeId }: { disputeId: string }) {
  const { t } = useTranslation();
  const withdraw = useAction(WithdrawClaim, { idempotent: true });
  return (
    <ActionButton
      variant="light"
      title={t('shared.withdraw')}
      text={t('shared.withdrawClaimText')}
      action={withdraw}
      input={() => ({ disputeId })}
    >
      {t('shared.withdraw')}
    </ActionButton>
  );
}
