import { ActionButton } from '../../../components/ActionButton';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { useAction } from '../../../lib/use-action';
import { DecideSource, type Source } from './queries';

/** Lets a source send leads, or refuses it. */
export function SourceDecision({
  source,
  size = 'sm',
}: {
  source: Pick<Source, 'id' | 'name' | 'state'>;
  size?: 'sm' | 'compact-sm';
}) {
  const { t } = useTranslation();
  const can = useCan();
  const decide = useAction(DecideSource, { idempotent: true });
  if (!can('MODERATE') || source.state !== 'PENDING') return null;
  const input = (approve: boolean) => (note: string | null) => ({ id: source.id, approve, note });
  return (
    <>
      <ActionButton
        size={size}
        title={`${t('operator.sources.approve')}: ${source.name}`}
        text={t('operator.sources.approveText')}
        note={{ label: `${t('common.note')} (${t('common.optional')})` }}
        action={decide}
        input={input(true)}
        done={t('common.done')}
      >
        {t('operator.sources.approve')}
      </ActionButton>
      <ActionButton
        size={size}
        danger
        variant="light"
        title={`${t('operator.sources.refuse')}: ${source.name}`}
        text={t('operator.sources.refuseText')}
        note={{ label: t('common.note'), required: true }}
        action={decide}
        input={input(false)}
        done={t('common.done')}
      >
        {t('operator.sources.refuse')}
      </ActionButton>
    </>
  );
}
