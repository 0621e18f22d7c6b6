import { Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../components/FormDialog';
import { InstantInput } from '../../components/InstantInput';
import { UserErrorFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { amountCheck, ReportedGoal, type ReportedForm, SaleAmount, saleAmount } from './reported';

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

interface ClaimForm extends ReportedForm {
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
      amount: amountCheck(currency, t),
    },
  });
  return (
    <FormDialog
      label={t('shared.claim')}
      variant="light"
      form={form}
      running={claim.running}
      onSend={async (values) => {
        const outcome = await claim.run({
          awardId,
          goal: values.goal,
          amount: saleAmount(values, currency),
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
      <ReportedGoal form={form} />
      <SaleAmount form={form} currency={currency} />
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
