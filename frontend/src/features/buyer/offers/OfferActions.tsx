import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ActionButton } from '../../../components/ActionButton';
import { ButtonLink } from '../../../components/links';
import { useAction } from '../../../lib/use-action';
import { closeOffer, pauseOffer, resumeOffer, submitOffer } from './documents';
import type { LoadedOffer } from './OfferPage';

/** What the state of the offer lets its buyer do. */
export function OfferActions({ offer }: { offer: LoadedOffer }) {
  const { t } = useTranslation();
  const can = useCan();
  const submit = useAction(submitOffer);
  const pause = useAction(pauseOffer, { idempotent: true });
  const resume = useAction(resumeOffer, { idempotent: true });
  const close = useAction(closeOffer, { idempotent: true });
  if (!can('MANAGE_OFFERS') || offer.state === 'CLOSED') return null;
  const input = { offerId: offer.id };
  return (
    <>
      <ButtonLink to={`/buyer/offers/${offer.id}/edit`} variant="default">
        {t('buyer.offer.edit')}
      </ButtonLink>
      {offer.draft?.state === 'DRAFT' && (
        <ActionButton
          title={t('buyer.offer.submitTitle')}
          text={t('buyer.offer.submitText')}
          confirmLabel={t('buyer.offer.submit')}
          action={submit}
          input={() => input}
        >
          {t('buyer.offer.submit')}
        </ActionButton>
      )}
      {offer.state === 'ACTIVE' && (
        <ActionButton
          variant="light"
          color="orange"
          title={t('buyer.offer.pauseTitle')}
          text={t('buyer.offer.pauseText')}
          confirmLabel={t('buyer.offer.pause')}
          action={pause}
          input={() => input}
        >
          {t('buyer.offer.pause')}
        </ActionButton>
      )}
      {offer.state === 'PAUSED' && offer.pauseReason !== 'OPERATOR' && (
        <ActionButton
          title={t('buyer.offer.resumeTitle')}
          text={t('buyer.offer.resumeText')}
          confirmLabel={t('buyer.offer.resume')}
          action={resume}
          input={() => input}
        >
          {t('buyer.offer.resume')}
        </ActionButton>
      )}
      <ActionButton
        danger
        variant="light"
        title={t('buyer.offer.closeTitle')}
        text={t('buyer.offer.closeText')}
        confirmLabel={t('buyer.offer.close')}
        action={close}
        input={() => input}
      >
        {t('buyer.offer.close')}
      </ActionButton>
    </>
  );
}
