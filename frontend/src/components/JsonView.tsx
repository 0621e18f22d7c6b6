import { Code, Spoiler } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { LinkedText } from './LinkedText';

/** Documents up to this length stand on one line. */
const SHORT = 120;

/** A JSON document, readable, its ids as links; long ones are folded. */
export function JsonView({ value, fold = 260 }: { value: unknown; fold?: number }) {
  const { t } = useTranslation();
  const line = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
  if (line.length <= SHORT) {
    return (
      <Code style={{ overflowWrap: 'anywhere' }}>
        <LinkedText text={line} full />
      </Code>
    );
  }
  return (
    <Spoiler maxHeight={fold} showLabel={t('common.showAll')} hideLabel={t('common.showLess')}>
      <pre className="json" role="group" aria-label={t('common.json')} tabIndex={0}>
        <LinkedText text={JSON.stringify(value, null, 2)} full />
      </pre>
    </Spoiler>
  );
}
