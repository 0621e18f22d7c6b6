import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  Input,
  NumberInput,
  Paper,
  Radio,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
} from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RemoveButton } from '../../../components/RemoveButton';
import { DurationField, PriceField, type SectionProps } from './fields';
import { GOAL_LIMITS, GOALS } from './goalsForm';

/** What is paid for, and how much: one goal, or a hybrid of two. */
export function GoalsSection({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  const on = GOALS.filter(([name]) => form.values[name].on).length;
  const parts: Record<(typeof GOALS)[number][0], ReactNode> = {
    lead: <LeadGoal form={form} rules={rules} />,
    call: <CallGoal form={form} rules={rules} />,
    sale: <SaleGoal form={form} rules={rules} />,
    registration: <RegistrationGoal form={form} rules={rules} />,
  };
  return (
    <Fieldset legend={t('buyer.offerForm.goals')}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('buyer.offerForm.goalsHint')}
        </Text>
        {GOALS.map(([name, kind]) => (
          <div key={name}>
            <Checkbox
              label={t(`buyer.offerForm.pay.${kind}`)}
              description={t(`buyer.offerForm.payHint.${kind}`)}
              disabled={!form.values[name].on && on >= GOAL_LIMITS.goals}
              {...form.getInputProps(`${name}.on`, { type: 'checkbox' })}
            />
            {form.values[name].on && (
              <Paper withBorder p="md" mt="xs" ml={{ base: 0, sm: 32 }}>
                {parts[name]}
              </Paper>
            )}
          </div>
        ))}
        <Radio.Group label={t('buyer.offerForm.mode')} {...form.getInputProps('mode')}>
          <Stack gap={6} mt={6}>
            {(['INSTANT', 'LIVE'] as const).map((mode) => (
              <Radio
                key={mode}
                value={mode}
                label={t(`enums.OfferMode.${mode}`)}
                description={t(`buyer.offerForm.modeHint.${mode}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {form.errors.goals && <Input.Error>{form.errors.goals}</Input.Error>}
        <NumberInput
          label={t('buyer.offerForm.maxSales')}
          description={t('buyer.offerForm.maxSalesHint')}
          min={1}
          allowDecimal={false}
          w={{ base: '100%', sm: 320 }}
          {...form.getInputProps('maxSales')}
        />
      </Stack>
    </Fieldset>
  );
}

function LeadGoal({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  return (
    <Stack>
      <PriceField
        label={t('buyer.offerForm.leadPrice')}
        description={t('buyer.offerForm.leadPriceHint')}
        form={form}
        rules={rules}
        path={'lead.price'}
      />
      <SharedPrices form={form} rules={rules} />
    </Stack>
  );
}

function CallGoal({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <PriceField
          label={t('buyer.offerForm.callPrice')}
          form={form}
          rules={rules}
          path={'call.price'}
        />
        <NumberInput
          label={t('buyer.offerForm.minCallSeconds')}
          min={0}
          max={GOAL_LIMITS.callS}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps('call.minCallSeconds')}
        />
        <DurationField
          label={t('buyer.offerForm.repeatCaller')}
          form={form}
          path={'call.repeatCallerWindowS'}
        />
        <NumberInput
          label={t('buyer.offerForm.callsAtOnce')}
          placeholder={t('buyer.offerForm.noLimit')}
          min={0}
          max={GOAL_LIMITS.callsAtOnce}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps('call.callsAtOnce')}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {t('buyer.offerForm.callHint')}
      </Text>
    </Stack>
  );
}

/** How long a reported event counts, and what is set aside for it. */
function Reported({ form, path }: Omit<SectionProps, 'rules'> & { path: 'sale' | 'registration' }) {
  const { t } = useTranslation();
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <DurationField
          label={t('buyer.offerForm.attribution')}
          form={form}
          path={`${path}.attributionWindowS`}
        />
        <NumberInput
          label={t('buyer.offerForm.reserve')}
          suffix=" %"
          min={0}
          max={100}
          decimalScale={2}
          {...form.getInputProps(`${path}.reservePercent`)}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {t('buyer.offerForm.reserveHint')}
      </Text>
    </>
  );
}

function SaleGoal({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  const pays = form.values.sale.pays;
  return (
    <Stack>
      <SegmentedControl
        aria-label={t('buyer.offerForm.pays')}
        style={{ alignSelf: 'flex-start' }}
        data={[
          { value: 'FIXED', label: t('buyer.offerForm.paysFixed') },
          { value: 'PERCENT', label: t('buyer.offerForm.paysPercent') },
        ]}
        {...form.getInputProps('sale.pays')}
      />
      {pays === 'FIXED' ? (
        <PriceField
          label={t('buyer.offerForm.salePrice')}
          form={form}
          rules={rules}
          path={'sale.price'}
        />
      ) : (
        <>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <NumberInput
              label={t('buyer.offerForm.saleShare')}
              suffix=" %"
              min={0.01}
              max={100}
              clampBehavior="none"
              decimalScale={2}
              {...form.getInputProps('sale.share')}
            />
            <PriceField
              label={t('buyer.offerForm.saleMin')}
              form={form}
              rules={rules}
              path={'sale.min'}
            />
            <PriceField
              label={t('buyer.offerForm.saleMax')}
              form={form}
              rules={rules}
              path={'sale.max'}
            />
          </SimpleGrid>
          <Text size="xs" c="dimmed">
            {t('buyer.offerForm.saleShareHint')}
          </Text>
        </>
      )}
      <Reported form={form} path="sale" />
      <Checkbox
        label={t('buyer.offerForm.several')}
        description={t('buyer.offerForm.severalHint')}
        {...form.getInputProps('sale.several', { type: 'checkbox' })}
      />
    </Stack>
  );
}

function RegistrationGoal({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  return (
    <Stack>
      <PriceField
        label={t('buyer.offerForm.registrationPrice')}
        form={form}
        rules={rules}
        path={'registration.price'}
      />
      <Reported form={form} path="registration" />
    </Stack>
  );
}

/** What a copy costs that several buyers get. */
function SharedPrices({ form, rules }: SectionProps) {
  const { t } = useTranslation();
  const { sharedPrices, maxSales } = form.values;
  const remove = t('buyer.offerForm.removeSharedPrice');
  const next = Math.max(1, ...sharedPrices.map((shared) => Number(shared.copies) || 1)) + 1;
  return (
    <Stack gap="xs">
      {sharedPrices.map((_, i) => (
        <Group key={i} align="flex-start">
          <NumberInput
            label={t('buyer.offerForm.sharedCopies')}
            min={2}
            allowDecimal={false}
            w={160}
            {...form.getInputProps(`sharedPrices.${i}.copies`)}
          />
          <PriceField
            label={t('buyer.offerForm.sharedPrice')}
            form={form}
            rules={rules}
            path={`sharedPrices.${i}.price`}
          />
          <RemoveButton
            label={remove}
            mt={28}
            onClick={() => form.removeListItem('sharedPrices', i)}
          />
        </Group>
      ))}
      {next <= Number(maxSales) && (
        <Button
          variant="light"
          size="xs"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem('sharedPrices', { copies: next, price: '' })}
        >
          {t('buyer.offerForm.addSharedPrice')}
        </Button>
      )}
    </Stack>
  );
}
