import { Spoiler } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A JSON document, readable; long ones are folded. */
export function JsonView({ value, fold = 260 }: { value: unknown; fold?: number }) {
  const { t } = useTranslation();
  return (
    <Spoiler maxHeight={fold} showLabel={t('common.showAll')} hideLabel={t('common.showLess')}>
      <pre className="json">{JSON.stringify(value, null, 2)}</pre>
    </Spoiler>
  );
}
