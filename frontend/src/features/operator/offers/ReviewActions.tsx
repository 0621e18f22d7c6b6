import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ConfirmButton } from '../../../components/ConfirmButton';
import { useAction } from '../../../lib/use-action';
import { ReviewOffer } from './queries';

/** Lets a version of an offer take effect, or refuses it with a note to the buyer. */
export function ReviewActions({ versionId, name }: { versionId: string; name: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const review = useAction(ReviewOffer);
  if (!can('MODERATE')) return null;
  const act = (approve: boolean) => async (note: string) => {
    const outcome = await review.run({ versionId, approve, note: note === '' ? null : note });
    if (outcome.ok) notifications.show({ color: 'teal', message: t('common.done') });
    return outcome.ok;
  };
  return (
    <>
      <ConfirmButton
        title={`${t('operator.offers.approve')}: ${name}`}
        text={t('operator.offers.approveText')}
        note={{ label: `${t('common.note')} (${t('common.optional')})` }}
        problems={review.problems}
        onOpen={review.clear}
        onConfirm={act(true)}
      >
        {t('operator.offers.approve')}
      </ConfirmButton>
      <ConfirmButton
        danger
        variant="light"
        title={`${t('operator.offers.refuse')}: ${name}`}
        text={t('operator.offers.refuseText')}
        note={{ label: t('common.note'), required: true }}
        problems={review.problems}
        onOpen={review.clear}
        onConfirm={act(false)}
      >
        {t('operator.offers.refuse')}
      </ConfirmButton>
    </>
  );
}
