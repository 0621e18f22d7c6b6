import { Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ActionButton } from '../../../components/ActionButton';
import { FormDialog } from '../../../components/FormDialog';
import { Page } from '../../../components/layout';
import { UserErrorFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useRead } from '../../../lib/use-read';
import { type Invoice, InvoiceTable } from '../../shared/InvoiceTable';

const BuyersQuery = graphql(`
  query BuyersToInvoice {
    organizations(kind: BUYER, first: 100) {
      nodes {
        id
        name
      }
    }
    niches {
      id
      currency
    }
  }
`);

const IssueInvoice = graphql(
  `
    mutation IssueInvoice($input: IssueInvoiceInput!) {
      issueInvoice(input: $input) {
        invoice {
          id
          number
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const VoidInvoice = graphql(
  `
    mutation VoidInvoice($input: VoidInvoiceInput!) {
      voidInvoice(input: $input) {
        invoice {
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

function Issue() {
  const { t } = useTranslation();
  const issue = useAction(IssueInvoice, { idempotent: true });
  const { data } = useRead(BuyersQuery, {});
  const needed = (value: string) => (value.trim() === '' ? t('common.required') : null);
  const form = useForm({
    initialValues: { buyerId: '', currency: '', month: '' },
    validate: {
      buyerId: needed,
      currency: needed,
      month: (value) => (/^\d{4}-\d{2}$/.test(value.trim()) ? null : t('errors.BAD_MONTH')),
    },
  });
  const currencies = [...new Set((data?.niches ?? []).map((niche) => niche.currency))].sort();
  return (
    <FormDialog
      label={t('operator.invoices.issue')}
      form={form}
      running={issue.running}
      onSend={async (values) => {
        const outcome = await issue.run({ ...values, month: values.month.trim() });
        if (outcome.ok) notifications.show({ color: 'teal', message: t('common.done') });
        return outcome;
      }}
    >
      <Text size="sm">{t('operator.invoices.issueText')}</Text>
      <Select
        label={t('shared.buyer')}
        required
        searchable
        data={(data?.organizations.nodes ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        {...form.getInputProps('buyerId')}
      />
      <Select
        label={t('common.currency')}
        required
        data={currencies}
        {...form.getInputProps('currency')}
      />
      <TextInput
        label={t('operator.invoices.month')}
        placeholder="2026-10"
        required
        maxLength={7}
        {...form.getInputProps('month')}
      />
    </FormDialog>
  );
}

function Void({ invoice }: { invoice: Invoice }) {
  const { t } = useTranslation();
  const voiding = useAction(VoidInvoice, { idempotent: true });
  if (invoice.isVoid) return <>–</>;
  return (
    <ActionButton
      size="compact-xs"
      variant="light"
      danger
      title={t('operator.invoices.void', { number: invoice.number })}
      text={t('operator.invoices.voidText')}
      note={{ label: t('shared.reason'), required: true, maxLength: 500 }}
      action={voiding}
      input={(reason) => ({ id: invoice.id, reason })}
      done={t('common.done')}
    >
      {t('shared.voidShort')}
    </ActionButton>
  );
}

/** Buyers' invoices: a job issues them after each month; FINANCE may do so and take them back. */
export function Invoices() {
  const { t } = useTranslation();
  const can = useCan();
  const record = can('RECORD_MONEY');
  return (
    <Page title={t('shared.invoices.title')} actions={record ? <Issue /> : null}>
      <InvoiceTable
        buyers
        {...(record ? { actions: (invoice: Invoice) => <Void invoice={invoice} /> } : {})}
      />
    </Page>
  );
}
