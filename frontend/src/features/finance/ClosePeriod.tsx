import { Alert, Button, Checkbox, Group, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../components/FormDialog';
import { InstantInput } from '../../components/InstantInput';
import { useAction } from '../../lib/use-action';
import { closeLedgerPeriod } from './documents';
import { monthStart } from './rules';

const HOUR = 3_600_000;

/** A button that closes a period for good, after a warning that has to be confirmed. */
export function ClosePeriod() {
  const { t } = useTranslation();
  const close = useAction(closeLedgerPeriod, { idempotent: true });
  const form = useForm({
    mode: 'controlled',
    initialValues: { until: null as string | null, note: '', sure: false },
    validate: {
      until: (value) => {
        if (value === null) return t('common.required');
        const at = new Date(value).getTime();
        return at > Date.now() - HOUR ? t('finance.closes.tooLate') : null;
      },
      sure: (value) => (value ? null : t('finance.closes.mustBeSure')),
    },
  });
  return (
    <FormDialog
      label={t('finance.closes.close')}
      color="red"
      form={form}
      running={close.running}
      onSend={async (values) => {
        const outcome = await close.run({
          until: new Date(values.until ?? '').toISOString(),
          note: values.note.trim() === '' ? null : values.note.trim(),
        });
        if (outcome.ok) notifications.show({ color: 'teal', message: t('finance.closes.done') });
        return outcome;
      }}
    >
      <Alert color="red" title={t('finance.closes.forGood')}>
        <Text size="sm">{t('finance.closes.warning')}</Text>
      </Alert>
      <InstantInput
        label={t('finance.closes.untilLabel')}
        description={t('finance.closes.untilHint')}
        required
        maxDate={new Date()}
        {...form.getInputProps('until')}
      />
      <Group gap={4}>
        {(['thisMonth', 'lastMonth'] as const).map((name) => (
          <Button
            key={name}
            size="compact-sm"
            variant="subtle"
            onClick={() =>
              form.setFieldValue('until', monthStart(name === 'thisMonth' ? 0 : 1, new Date()))
            }
          >
            {t(`finance.closes.${name}`)}
          </Button>
        ))}
      </Group>
      <Textarea
        label={`${t('common.note')} (${t('common.optional')})`}
        maxLength={1000}
        autosize
        {...form.getInputProps('note')}
      />
      <Checkbox
        label={t('finance.closes.sure')}
        {...form.getInputProps('sure', { type: 'checkbox' })}
      />
    </FormDialog>
  );
}
