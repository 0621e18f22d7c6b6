import { ActionButton } from '../../components/ActionButton';
import { Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';

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
      <ActionButton
        size={size}
        title={t('shared.approveStatement')}
        text={t('shared.approveText')}
        action={approve}
        input={() => ({ id: statementId })}
        done={t('common.done')}
      >
        {t('shared.approve')}
      </ActionButton>
      <ActionButton
        size={size}
        danger
        variant="light"
        title={t('shared.cancelStatement')}
        text={t('shared.cancelText')}
        action={cancel}
        input={() => ({ id: statementId })}
      >
        {t('shared.cancelShort')}
      </ActionButton>
    </Group>
  );
}
