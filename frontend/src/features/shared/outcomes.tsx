import { Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { MoneyInput } from '../../components/forms';
import { FormDialog } from '../../components/FormDialog';
import { InstantInput } from '../../components/InstantInput';
import { parseMoney } from '../../lib/format';
import { UserErrorFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { amountCheck, ReportedGoal, type ReportedForm, SaleAmount, saleAmount } from './reported';

const ReportConversion = graphql(
  `
    mutation ReportConversion($input: ReportConversionInput!) {
      reportConversion(input: $input) {
        conversion {
          id
        }
        replayed
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const RefundSale = graphql(
  `
    mutation RefundSale($input: RefundSaleInput!) {
      refundSale(input: $input) {
        conversion {
          id
        }
        replayed
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

interface OutcomeForm extends ReportedForm {
  externalId: string;
  occurredAt: string | null;
}

/** Reports what came of the lead: billed by the offer's goal of that kind. */
export function ReportOutcome({ awardId, currency }: { awardId: string; currency: string }) {
  const { t } = useTranslation();
  const report = useAction(ReportConversion, { idempotent: true });
  const form = useForm<OutcomeForm>({
    initialValues: { goal: 'SALE', externalId: '', amount: '', occurredAt: null },
    validate: {
      externalId: (value) => (value.trim() === '' ? t('common.required') : null),
      amount: amountCheck(currency, t),
    },
  });
  return (
    <FormDialog
      label={t('shared.reportOutcome')}
      variant="light"
      form={form}
      running={report.running}
      onSend={async (values) => {
        const outcome = await report.run({
          awardId,
          goal: values.goal,
          externalId: values.externalId.trim(),
          amount: saleAmount(values, currency),
          occurredAt: values.occurredAt === null ? null : new Date(values.occurredAt).toISOString(),
        });
        if (outcome.ok) {
          notifications.show({
            color: 'teal',
            message: t(outcome.payload.replayed ? 'shared.reportedBefore' : 'shared.reported'),
          });
        }
        return outcome;
      }}
    >
      <Text size="sm">{t('shared.reportText')}</Text>
      <ReportedGoal form={form} />
      <TextInput
        label={t('shared.externalRef')}
        description={t('shared.externalRefHint')}
        required
        maxLength={200}
        data-autofocus
        {...form.getInputProps('externalId')}
      />
      <SaleAmount form={form} currency={currency} />
      <InstantInput
        label={`${t('shared.occurred')} (${t('common.optional')})`}
        clearable
        maxDate={new Date()}
        {...form.getInputProps('occurredAt')}
      />
    </FormDialog>
  );
}

/** Tells that the customer of a sale got money back; the same share of its price comes back. */
export function ReportRefund({
  conversionId,
  currency,
}: {
  conversionId: string;
  currency: string;
}) {
  const { t } = useTranslation();
  const refund = useAction(RefundSale, { idempotent: true });
  const form = useForm({
    initialValues: { refunded: '' },
    validate: {
      refunded: (value) =>
        value.trim() !== '' && parseMoney(value, currency) === null ? t('common.badMoney') : null,
    },
  });
  return (
    <FormDialog
      label={t('shared.refund')}
      variant="light"
      color="red"
      form={form}
      running={refund.running}
      onSend={async ({ refunded }) => {
        const minor = parseMoney(refunded, currency);
        const outcome = await refund.run({
          conversionId,
          refunded: minor === null ? null : { minor, currency },
        });
        if (outcome.ok) notifications.show({ color: 'teal', message: t('shared.refundDone') });
        return outcome;
      }}
    >
      <Text size="sm">{t('shared.refundText')}</Text>
      <MoneyInput
        label={t('shared.refunded')}
        description={t('shared.refundedHint')}
        currency={currency}
        value={form.values.refunded}
        error={form.errors.refunded}
        onValue={(text) => form.setFieldValue('refunded', text)}
      />
    </FormDialog>
  );
}
