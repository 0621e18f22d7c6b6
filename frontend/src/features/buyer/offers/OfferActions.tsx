import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ConfirmButton } from '../../../components/ConfirmButton';
import { ButtonLink } from '../../../components/links';
import { useAction } from '../../../lib/use-action';
import { closeOffer, pauseOffer, resumeOffer, submitOffer } from './documents';
import type { LoadedOffer } from './OfferPage';

/** What the state of the offer lets its buyer do. */
export function OfferActions({ offer }: { offer: LoadedOffer }) {
  const { t } = useTranslation();
  const can = useCan();
  const submit = useAction(submitOffer);
  const pause = useAction(pauseOffer);
  const resume = useAction(resumeOffer);
  const close = useAction(closeOffer);
  if (!can('MANAGE_OFFERS') || offer.state === 'CLOSED') return null;
  const input = { offerId: offer.id };
  return (
    <>
      <ButtonLink to={`/buyer/offers/${offer.id}/edit`} variant="default">
        {t('buyer.offer.edit')}
      </ButtonLink>
      {offer.draft?.state === 'DRAFT' && (
        <ConfirmButton
          title={t('buyer.offer.submitTitle')}
          text={t('buyer.offer.submitText')}
          confirmLabel={t('buyer.offer.submit')}
          problems={submit.problems}
          onOpen={submit.clear}
          onConfirm={async () => (await submit.run(input)).ok}
        >
          {t('buyer.offer.submit')}
        </ConfirmButton>
      )}
      {offer.state === 'ACTIVE' && (
        <ConfirmButton
          variant="light"
          color="orange"
          title={t('buyer.offer.pauseTitle')}
          text={t('buyer.offer.pauseText')}
          confirmLabel={t('buyer.offer.pause')}
          problems={pause.problems}
          onOpen={pause.clear}
          onConfirm={async () => (await pause.run(input)).ok}
        >
          {t('buyer.offer.pause')}
        </ConfirmButton>
      )}
      {offer.state === 'PAUSED' && offer.pauseReason !== 'OPERATOR' && (
        <ConfirmButton
          title={t('buyer.offer.resumeTitle')}
          text={t('buyer.offer.resumeText')}
          confirmLabel={t('buyer.offer.resume')}
          problems={resume.problems}
          onOpen={resume.clear}
          onConfirm={async () => (await resume.run(input)).ok}
        >
          {t('buyer.offer.resume')}
        </ConfirmButton>
      )}
      <ConfirmButton
        danger
        variant="light"
        title={t('buyer.offer.closeTitle')}
        text={t('buyer.offer.closeText')}
        confirmLabel={t('buyer.offer.close')}
        problems={close.problems}
        onOpen={close.clear}
        onConfirm={async () => (await close.run(input)).ok}
      >
        {t('buyer.offer.close')}
      </ConfirmButton>
    </>
  );
}
