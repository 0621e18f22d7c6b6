import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The state of a settlement run; the API gives it as a plain text. */
export function RunState({ state }: { state: string }) {
  const { t, i18n } = useTranslation();
  const key = `operator.settlements.states.${state}`;
  return (
    <Badge variant="light" tt="none" radius="sm">
      {i18n.exists(key) ? (t as unknown as (key: string) => string)(key) : state}
    </Badge>
  );
}
