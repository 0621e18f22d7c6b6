import { type ButtonProps, NumberInput, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { FormDialog } from '../../components/FormDialog';
import { InstantInput } from '../../components/InstantInput';
import { Facts } from '../../components/layout';
import { Deadline, MoneyText } from '../../components/text';
import { formatNumber, type MoneyValue } from '../../lib/format';
import { useAction } from '../../lib/use-action';
import { claimOrder } from './documents';
import { isClaimable, leadsOf, times } from './rules';

interface Claimable {
  id: string;
  state: string;
  unclaimed: number;
  earning: MoneyValue | null;
  deadline: string;
  claims: readonly { state: string }[];
}

interface Values {
  wanted: string | number;
  deadline: string | null;
}

/** A button that promises a part of an order; nothing where none can be promised. */
export function ClaimOrder({ order, ...button }: { order: Claimable } & ButtonProps) {
  const { t, i18n } = useTranslation();
  const can = useCan();
  const claim = useAction(claimOrder, { idempotent: true });
  const most = order.unclaimed;
  const form = useForm<Values>({
    mode: 'controlled',
    initialValues: { wanted: '', deadline: null },
    validate: {
      wanted: (value) =>
        leadsOf(value, most) === null
          ? t('orders.place.badWanted', { most: formatNumber(most, i18n.language) })
          : null,
      deadline: (value) => {
        if (value === null) return null;
        const at = new Date(value).getTime();
        if (at <= Date.now()) return t('orders.place.future');
        return at > new Date(order.deadline).getTime() ? t('orders.claim.late') : null;
      },
    },
  });
  if (!can('MANAGE_SOURCES') || !isClaimable(order, Date.now())) return null;
  const leads = leadsOf(form.values.wanted, most);
  const sum = leads === null || order.earning === null ? null : times(order.earning, leads);
  return (
    <FormDialog
      {...button}
      label={t('orders.claim.label')}
      form={form}
      running={claim.running}
      onSend={async (values) => {
        const outcome = await claim.run({
          orderId: order.id,
          wanted: leadsOf(values.wanted, most) ?? 0,
          deadline: values.deadline === null ? null : new Date(values.deadline).toISOString(),
        });
        if (outcome.ok) notifications.show({ color: 'teal', message: t('orders.claim.done') });
        return outcome;
      }}
    >
      <Text size="sm">{t('orders.claim.text')}</Text>
      <NumberInput
        label={t('orders.claim.wanted')}
        description={t('orders.claim.wantedHint', { n: formatNumber(most, i18n.language) })}
        required
        min={1}
        max={most}
        clampBehavior="none"
        allowDecimal={false}
        {...form.getInputProps('wanted')}
      />
      <InstantInput
        label={`${t('orders.claim.deadline')} (${t('common.optional')})`}
        description={t('orders.claim.deadlineHint')}
        clearable
        minDate={new Date()}
        maxDate={new Date(order.deadline)}
        {...form.getInputProps('deadline')}
      />
      <Facts
        cols={2}
        facts={[
          { label: t('orders.deadline'), value: <Deadline at={order.deadline} /> },
          { label: t('orders.earning'), value: <MoneyText money={order.earning} /> },
          { label: t('orders.claim.willEarn'), value: <MoneyText money={sum} fw={700} /> },
        ]}
      />
    </FormDialog>
  );
}
