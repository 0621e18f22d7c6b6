import { ActionButton } from '../../../components/ActionButton';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { useAction } from '../../../lib/use-action';
import { ReviewOffer } from './queries';

/** Lets a version of an offer take effect, or refuses it with a note to the buyer. */
export function ReviewActions({ versionId, name }: { versionId: string; name: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const review = useAction(ReviewOffer, { idempotent: true });
  if (!can('MODERATE')) return null;
  const input = (approve: boolean) => (note: string | null) => ({ versionId, approve, note });
  return (
    <>
      <ActionButton
        title={`${t('operator.offers.approve')}: ${name}`}
        text={t('operator.offers.approveText')}
        note={{ label: `${t('common.note')} (${t('common.optional')})` }}
        action={review}
        input={input(true)}
        done={t('common.done')}
      >
        {t('operator.offers.approve')}
      </ActionButton>
      <ActionButton
        danger
        variant="light"
        title={`${t('operator.offers.refuse')}: ${name}`}
        text={t('operator.offers.refuseText')}
        note={{ label: t('common.note'), required: true }}
        action={review}
        input={input(false)}
        done={t('common.done')}
      >
        {t('operator.offers.refuse')}
      </ActionButton>
    </>
  );
}
