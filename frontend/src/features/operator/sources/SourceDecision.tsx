import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ConfirmButton } from '../../../components/ConfirmButton';
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
  const decide = useAction(DecideSource);
  if (!can('MODERATE') || source.state !== 'PENDING') return null;
  const act = (approve: boolean) => async (note: string) => {
    const outcome = await decide.run({
      id: source.id,
      approve,
      note: note === '' ? null : note,
    });
    if (outcome.ok) notifications.show({ color: 'teal', message: t('common.done') });
    return outcome.ok;
  };
  return (
    <>
      <ConfirmButton
        size={size}
        title={`${t('operator.sources.approve')}: ${source.name}`}
        text={t('operator.sources.approveText')}
        note={{ label: `${t('common.note')} (${t('common.optional')})` }}
        problems={decide.problems}
        onOpen={decide.clear}
        onConfirm={act(true)}
      >
        {t('operator.sources.approve')}
      </ConfirmButton>
      <ConfirmButton
        size={size}
        danger
        variant="light"
        title={`${t('operator.sources.refuse')}: ${source.name}`}
        text={t('operator.sources.refuseText')}
        note={{ label: t('common.note'), required: true }}
        problems={decide.problems}
        onOpen={decide.clear}
        onConfirm={act(false)}
      >
        {t('operator.sources.refuse')}
      </ConfirmButton>
    </>
  );
}
