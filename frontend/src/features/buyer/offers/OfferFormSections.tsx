import {
  Button,
  Chip,
  Fieldset,
  Group,
  Input,
  MultiSelect,
  NumberInput,
  Radio,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { useTranslation } from 'react-i18next';
import { ConditionsBuilder } from '../../market/ConditionsBuilder';
import { RemoveButton } from '../../../components/RemoveButton';
import { useLocalized } from '../../../components/text';
import { regionField, regionNode, withRegions } from '../../market/geo';
import { useWeekdays } from '../../market/weekdays';
import { DurationField, PriceField, type SectionProps } from './fields';
import {
  CAP_PERIODS,
  leastLock,
  NEW_CAPS,
  type OverCap,
  type Pacing,
  type Visibility,
} from './termsForm';
import { formatDuration } from '../../../lib/format';
import { zonesWith } from '../../../lib/places';

/** A list of caps at a path of the form. */
function CapList({
  form,
  rules,
  path,
  none,
  add,
}: SectionProps & { path: 'caps' | 'publisherCaps'; none: string; add: string }) {
  const { t } = useTranslation();
  const caps = form.values[path];
  const [free] = NEW_CAPS.filter((period) => !caps.some((cap) => cap.period === period));
  const remove = t('buyer.offerForm.removeCap');
  return (
    <Stack>
      {caps.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      {caps.map((cap, i) => (
        <Group key={cap.period} align="flex-start">
          <Select
            label={t('buyer.offerForm.capPeriod')}
            allowDeselect={false}
            w={160}
            data={CAP_PERIODS.map((value) => ({ value, label: t(`enums.CapPeriod.${value}`) }))}
            {...form.getInputProps(`${path}.${i}.period`)}
          />
          <NumberInput
            label={t('buyer.offerForm.capCount')}
            placeholder={t('buyer.offerForm.noLimit')}
            min={1}
            allowDecimal={false}
            flex={1}
            miw={140}
            {...form.getInputProps(`${path}.${i}.count`)}
          />
          <PriceField
            label={t('buyer.offerForm.capMoney')}
            placeholder={t('buyer.offerForm.noLimit')}
            form={form}
            rules={rules}
            path={`${path}.${i}.money`}
          />
          <RemoveButton label={remove} mt={28} onClick={() => form.removeListItem(path, i)} />
        </Group>
      ))}
      {free && (
        <Button
          variant="light"
          size="xs"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem(path, { period: free, count: '', money: '' })}
        >
          {add}
        </Button>
      )}
    </Stack>
  );
}

/** The most that the offer buys in a period, in all and from one publisher. */
export function CapsSection({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  const pacing: Pacing[] = ['NONE', 'EVEN'];
  const overCap: OverCap[] = ['NEXT', 'QUEUE', 'QUARANTINE'];
  return (
    <Fieldset legend={t('buyer.offerForm.caps')}>
      <Stack>
        <CapList
          form={form}
          rules={rules}
          path="caps"
          none={t('buyer.offerForm.noCaps')}
          add={t('buyer.offerForm.addCap')}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('buyer.offerForm.pacing')}
            description={t('buyer.offerForm.pacingHint')}
            allowDeselect={false}
            data={pacing.map((value) => ({ value, label: t(`enums.Pacing.${value}`) }))}
            {...form.getInputProps('pacing')}
          />
          <Select
            label={t('buyer.offerForm.overCap')}
            description={t('buyer.offerForm.overCapHint')}
            allowDeselect={false}
            data={overCap.map((value) => ({ value, label: t(`enums.OverCap.${value}`) }))}
            {...form.getInputProps('overCap')}
          />
        </SimpleGrid>
        <Text size="sm" fw={500}>
          {t('buyer.offerForm.publisherCaps')}
        </Text>
        <CapList
          form={form}
          rules={rules}
          path="publisherCaps"
          none={t('buyer.offerForm.noPublisherCaps')}
          add={t('buyer.offerForm.addPublisherCap')}
        />
      </Stack>
    </Fieldset>
  );
}

/** When the offer buys, in its own time zone. */
export function ScheduleSection({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  const { windows } = form.values;
  return (
    <Fieldset legend={t('buyer.offerForm.schedule')}>
      <Stack>
        <Select
          label={t('buyer.offerForm.timeZone')}
          description={t('buyer.offerForm.timeZoneHint')}
          searchable
          allowDeselect={false}
          limit={200}
          comboboxProps={{ keepMounted: false }}
          data={zonesWith(form.values.timeZone)}
          {...form.getInputProps('timeZone')}
        />
        {windows.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('buyer.offerForm.always')}
          </Text>
        )}
        {windows.map((_, i) => (
          <WindowRow key={i} form={form} rules={rules} index={i} />
        ))}
        <Button
          variant="light"
          size="xs"
          style={{ alignSelf: 'flex-start' }}
          onClick={() =>
            form.insertListItem('windows', {
              days: [1, 2, 3, 4, 5],
              from: '09:00',
              to: '18:00',
              count: '',
              money: '',
            })
          }
        >
          {t('buyer.offerForm.addWindow')}
        </Button>
        <DatePickerInput
          type="multiple"
          valueFormat="D MMMM YYYY"
          label={t('buyer.offerForm.holidays')}
          description={t('buyer.offerForm.holidaysHint')}
          placeholder={t('buyer.offerForm.holidaysNone')}
          clearable
          {...form.getInputProps('holidays')}
        />
      </Stack>
    </Fieldset>
  );
}

function WindowRow({ form, rules, index }: SectionProps & { index: number }) {
  const { t } = useTranslation();
  const weekdays = useWeekdays();
  const path = `windows.${index}`;
  const days = form.values.windows[index]?.days ?? [];
  const remove = t('buyer.offerForm.removeWindow');
  return (
    <Group align="flex-start">
      <Input.Wrapper label={t('buyer.offerForm.days')} error={form.errors[`${path}.days`]}>
        <Chip.Group
          multiple
          value={days.map(String)}
          onChange={(next) => form.setFieldValue(`${path}.days`, next.map(Number))}
        >
          <Group gap={4} mt={4}>
            {weekdays.map(({ day, short }) => (
              <Chip key={day} value={String(day)} size="xs">
                {short}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Input.Wrapper>
      <TextInput
        label={t('buyer.offerForm.from')}
        placeholder="09:00"
        w={90}
        {...form.getInputProps(`${path}.from`)}
      />
      <TextInput
        label={t('buyer.offerForm.to')}
        placeholder="24:00"
        w={90}
        {...form.getInputProps(`${path}.to`)}
      />
      <NumberInput
        label={t('buyer.offerForm.capCount')}
        placeholder={t('buyer.offerForm.noLimit')}
        min={1}
        allowDecimal={false}
        w={120}
        {...form.getInputProps(`${path}.count`)}
      />
      <PriceField
        label={t('buyer.offerForm.capMoney')}
        placeholder={t('buyer.offerForm.noLimit')}
        form={form}
        rules={rules}
        path={`${path}.money`}
      />
      <RemoveButton label={remove} mt={28} onClick={() => form.removeListItem('windows', index)} />
    </Group>
  );
}

/** Which leads are bought. */
export function ConditionsSection({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const { conditions } = form.values;
  const region = regionField(rules.fields);
  const geo = region === null ? null : regionNode(conditions, region);
  return (
    <Fieldset legend={t('buyer.offerForm.conditions')}>
      <Stack>
        {region !== null && (
          <MultiSelect
            label={t('buyer.offerForm.geo')}
            description={t('buyer.offerForm.geoHint')}
            placeholder={geo === null ? t('buyer.offerForm.geoAll') : ''}
            searchable
            clearable
            data={region.options.map((option) => ({
              value: option.value,
              label: localized(option.label),
            }))}
            value={geo?.values ?? []}
            onChange={(next) =>
              form.setFieldValue('conditions', withRegions(conditions, region, next))
            }
          />
        )}
        <ConditionsBuilder
          fields={rules.fields}
          value={conditions.filter((node) => node !== geo)}
          more={geo !== null}
          showProblems={form.errors.conditions !== undefined}
          onChange={(next) =>
            form.setFieldValue(
              'conditions',
              geo === null ? next : next.toSpliced(conditions.indexOf(geo), 0, geo),
            )
          }
        />
        {form.errors.conditions && <Input.Error>{form.errors.conditions}</Input.Error>}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label={t('buyer.offerForm.minScore')}
            description={t('buyer.offerForm.minScoreHint')}
            min={0}
            max={100}
            allowDecimal={false}
            {...form.getInputProps('minScore')}
          />
          <DurationField
            label={t('buyer.offerForm.dedupe')}
            description={t('buyer.offerForm.dedupeHint')}
            form={form}
            path={'dedupeWindowS'}
          />
        </SimpleGrid>
      </Stack>
    </Fieldset>
  );
}

/** Returns and the three clocks. */
export function ClocksSection({ form, rules }: SectionProps) {
  const { t, i18n } = useTranslation();
  const least = leastLock(form.values.returnWindowS, rules);
  return (
    <Fieldset legend={t('buyer.offerForm.clocks')}>
      <Text size="sm" c="dimmed" mb="sm">
        {t('buyer.offerForm.clocksHint')}
        {least > 0 &&
          ` ${t('buyer.offerForm.lockLeast', { least: formatDuration(least, i18n.language) })}`}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
        <DurationField
          label={t('buyer.offerForm.returnWindow')}
          form={form}
          path={'returnWindowS'}
        />
        <DurationField label={t('buyer.offerForm.hold')} form={form} path={'holdS'} />
        <DurationField label={t('buyer.offerForm.lock')} form={form} path={'lockS'} />
        <NumberInput
          label={t('buyer.offerForm.maxReturn')}
          suffix=" %"
          min={0}
          max={100}
          decimalScale={2}
          {...form.getInputProps('maxReturnPercent')}
        />
      </SimpleGrid>
    </Fieldset>
  );
}

/** Who may sell, in which order, and what they should know. */
export function AccessSection({ form }: SectionProps) {
  const { t } = useTranslation();
  const kinds: Visibility[] = ['PUBLIC', 'BY_APPLICATION', 'PRIVATE'];
  return (
    <Fieldset legend={t('buyer.offerForm.access')}>
      <Stack>
        <Radio.Group label={t('buyer.offerForm.visibility')} {...form.getInputProps('visibility')}>
          <Stack gap={6} mt={6}>
            {kinds.map((kind) => (
              <Radio
                key={kind}
                value={kind}
                label={t(`enums.Visibility.${kind}`)}
                description={t(`buyer.visibilityHint.${kind}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <NumberInput
          label={t('buyer.offerForm.priority')}
          description={t('buyer.offerForm.priorityHint')}
          allowDecimal={false}
          w={{ base: '100%', sm: 260 }}
          {...form.getInputProps('priority')}
        />
        <Textarea
          label={t('buyer.offerForm.description')}
          description={t('buyer.offerForm.descriptionHint')}
          autosize
          minRows={3}
          maxRows={12}
          {...form.getInputProps('description')}
        />
      </Stack>
    </Fieldset>
  );
}
