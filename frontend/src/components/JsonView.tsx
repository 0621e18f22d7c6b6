import { Code, Spoiler } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Documents up to this length stand on one line. */
const SHORT = 120;

/** A JSON document, readable; long ones are folded. */
export function JsonView({ value, fold = 260 }: { value: unknown; fold?: number }) {
  const { t } = useTranslation();
  const line = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
  if (line.length <= SHORT) return <Code style={{ overflowWrap: 'anywhere' }}>{line}</Code>;
  return (
    <Spoiler maxHeight={fold} showLabel={t('common.showAll')} hideLabel={t('common.showLess')}>
      <pre className="json">{JSON.stringify(value, null, 2)}</pre>
    </Spoiler>
  );
}
