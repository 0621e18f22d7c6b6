import { Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { ConfirmButton } from '../../components/ConfirmButton';
import { UserErrorFields } from '../../lib/fragments';
import { type Enum, graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';

const ApproveStatement = graphql(
  `
    mutation ApproveStatement($input: ApproveStatementInput!) {
      approveStatement(input: $input) {
        statement {
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

const CancelStatement = graphql(
  `
    mutation CancelStatement($input: CancelStatementInput!) {
      cancelStatement(input: $input) {
        statement {
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

const ResolvePayout = graphql(
  `
    mutation ResolvePayout($input: ResolvePayoutInput!) {
      resolvePayout(input: $input) {
        payout {
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

/** An operator approves a draft statement, or cancels it and frees its lines. */
export function StatementActions({
  statementId,
  state,
  size = 'sm',
}: {
  statementId: string;
  state: Enum<'StatementState'>;
  size?: 'sm' | 'compact-xs';
}) {
  const { t } = useTranslation();
  const approve = useAction(ApproveStatement, { idempotent: true });
  const cancel = useAction(CancelStatement, { idempotent: true });
  if (state !== 'DRAFT') return null;
  return (
    <Group gap="xs" wrap="nowrap">
      <ConfirmButton
        size={size}
        title={t('shared.approveStatement')}
        text={t('shared.approveText')}
        problems={approve.problems}
        onOpen={approve.clear}
        onConfirm={async () => {
          const outcome = await approve.run({ id: statementId });
          if (outcome.ok) notifications.show({ color: 'teal', message: t('common.done') });
          return outcome.ok;
        }}
      >
        {t('shared.approve')}
      </ConfirmButton>
      <ConfirmButton
        size={size}
        danger
        variant="light"
        title={t('shared.cancelStatement')}
        text={t('shared.cancelText')}
        problems={cancel.problems}
        onOpen={cancel.clear}
        onConfirm={async () => (await cancel.run({ id: statementId })).ok}
      >
        {t('shared.cancelShort')}
      </ConfirmButton>
    </Group>
  );
}

/** The bank said yes or no to a payout. */
export function PayoutActions({
  payoutId,
  state,
}: {
  payoutId: string;
  state: Enum<'PayoutState'>;
}) {
  const { t } = useTranslation();
  const resolve = useAction(ResolvePayout, { idempotent: true });
  if (state !== 'EXPORTED' && state !== 'UNKNOWN') return <>–</>;
  const act = (confirmed: boolean) => async (reference: string) => {
    const outcome = await resolve.run({
      payoutId,
      confirmed,
      reference: reference === '' ? null : reference,
    });
    if (outcome.ok) notifications.show({ color: 'teal', message: t('common.done') });
    return outcome.ok;
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <ConfirmButton
        size="compact-xs"
        title={t('shared.confirmPayout')}
        text={t('shared.confirmPayoutText')}
        note={{ label: t('shared.reference'), required: true, maxLength: 200 }}
        problems={resolve.problems}
        onOpen={resolve.clear}
        onConfirm={act(true)}
      >
        {t('shared.confirmPayoutShort')}
      </ConfirmButton>
      <ConfirmButton
        size="compact-xs"
        danger
        variant="light"
        title={t('shared.refusePayout')}
        text={t('shared.refusePayoutText')}
        note={{ label: `${t('shared.reference')} (${t('common.optional')})`, maxLength: 200 }}
        problems={resolve.problems}
        onOpen={resolve.clear}
        onConfirm={act(false)}
      >
        {t('shared.refusePayoutShort')}
      </ConfirmButton>
    </Group>
  );
}
