import { Group, Input, NumberInput, Select } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { splitDuration, UNIT_SECONDS, type DurationUnit } from './duration';

interface DurationProps {
  label: ReactNode;
  description?: ReactNode;
  error?: ReactNode;
  /** Seconds. */
  value: number;
  onChange: (seconds: number) => void;
  disabled?: boolean;
}

/** A duration as a whole number and a unit. */
export function DurationInput(props: DurationProps) {
  const { t } = useTranslation();
  const [unit, setUnit] = useState<DurationUnit>(() => splitDuration(props.value).unit);
  const size = UNIT_SECONDS[unit];
  const units: DurationUnit[] = ['minute', 'hour', 'day'];
  return (
    <Input.Wrapper label={props.label} description={props.description} error={props.error}>
      <Group gap="xs" wrap="nowrap" mt={4}>
        <NumberInput
          aria-label={typeof props.label === 'string' ? props.label : t('market.duration.amount')}
          min={0}
          max={36500}
          allowDecimal={false}
          value={Math.round(props.value / size)}
          onChange={(amount) => props.onChange(Math.round(Number(amount)) * size)}
          disabled={props.disabled}
          flex={1}
        />
        <Select
          aria-label={t('market.duration.unit')}
          allowDeselect={false}
          w={110}
          value={unit}
          data={units.map((value) => ({ value, label: t(`market.duration.${value}`) }))}
          onChange={(next) => {
            if (!next) return;
            const amount = Math.round(props.value / size);
            setUnit(next);
            props.onChange(amount * UNIT_SECONDS[next]);
          }}
          disabled={props.disabled}
        />
      </Group>
    </Input.Wrapper>
  );
}
