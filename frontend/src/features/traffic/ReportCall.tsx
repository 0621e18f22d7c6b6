import { NumberInput, Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../components/FormDialog';
import { InstantInput } from '../../components/InstantInput';
import { useEnumOptions } from '../../components/StatusBadge';
import { UserErrorFields } from '../../lib/fragments';
import { type Enum, graphql } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { SourceSelect } from '../market/sources';

const ReportCallEvent = graphql(
  `
    mutation ReportCall($input: ReportCallInput!) {
      reportCall(input: $input) {
        call {
          callId
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

interface CallForm {
  sourceId: string | null;
  event: Enum<'CallEvent'>;
  externalId: string;
  /** Null: now. */
  at: string | null;
  caller: string;
  connectedSeconds: number | string;
}

/** Tells an event of a call by hand, as a telephone system tells it; opens the call. */
export function ReportCall() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const events = useEnumOptions('CallEvent');
  const report = useAction(ReportCallEvent);
  const form = useForm<CallForm>({
    initialValues: {
      sourceId: null,
      event: 'STARTED',
      externalId: '',
      at: null,
      caller: '',
      connectedSeconds: '',
    },
    validate: {
      sourceId: (value) => (value === null ? t('common.required') : null),
      externalId: (value) => (value.trim() === '' ? t('common.required') : null),
      caller: (value, { event }) =>
        event === 'STARTED' && value.trim() === '' ? t('common.required') : null,
      connectedSeconds: (value, { event }) =>
        event === 'ENDED' && value === '' ? t('common.required') : null,
    },
  });
  const { event } = form.values;
  return (
    <FormDialog
      label={t('traffic.calls.report')}
      variant="light"
      form={form}
      running={report.running}
      onSend={async (values) => {
        const outcome = await report.run({
          sourceId: values.sourceId,
          event: values.event,
          externalId: values.externalId.trim(),
          at: (values.at === null ? new Date() : new Date(values.at)).toISOString(),
          caller: values.event === 'STARTED' ? values.caller.trim() : null,
          connectedSeconds: values.event === 'ENDED' ? Number(values.connectedSeconds) : null,
        });
        const call = outcome.ok ? outcome.payload.call : null;
        if (call != null) {
          notifications.show({ color: 'teal', message: t(`traffic.calls.means.${call.state}`) });
          void navigate({ to: `/calls/${call.callId}` });
        }
        return outcome;
      }}
    >
      <Text size="sm">{t('traffic.calls.reportText')}</Text>
      <SourceSelect required {...form.getInputProps('sourceId')} />
      <Select
        label={t('shared.event')}
        allowDeselect={false}
        data={events}
        {...form.getInputProps('event')}
      />
      <TextInput
        label={t('traffic.calls.externalId')}
        description={t('traffic.calls.externalIdHint')}
        required
        maxLength={120}
        {...form.getInputProps('externalId')}
      />
      {event === 'STARTED' && (
        <TextInput
          label={t('traffic.calls.caller')}
          placeholder="+79161234567"
          required
          inputMode="tel"
          autoComplete="off"
          {...form.getInputProps('caller')}
        />
      )}
      {event === 'ENDED' && (
        <NumberInput
          label={t('traffic.calls.seconds')}
          description={t('traffic.calls.secondsHint')}
          required
          min={0}
          allowDecimal={false}
          {...form.getInputProps('connectedSeconds')}
        />
      )}
      <InstantInput
        label={`${t('shared.occurred')} (${t('common.optional')})`}
        description={t('traffic.calls.atHint')}
        clearable
        withSeconds
        maxDate={new Date()}
        {...form.getInputProps('at')}
      />
    </FormDialog>
  );
}
