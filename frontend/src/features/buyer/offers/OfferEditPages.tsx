import { notifications } from '@mantine/notifications';
import { Alert, Fieldset, Select, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, type RefObject, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../../app/session';
import { Page } from '../../../components/layout';
import { EmptyState, ErrorState, LoadingState } from '../../../components/states';
import { useLocalized } from '../../../components/text';

import { type Problem, problemText } from '../../../lib/errors';
import type { ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { useRead } from '../../../lib/use-read';
import { rulesOf, type NicheShown } from '../../market/niche';
import { createOffer, nichesQuery, offerQuery, reviseOffer, submitOffer } from './documents';
import { OfferEstimate } from './OfferEstimate';
import { OfferForm, Steps } from './OfferForm';
import { emptyForm, formFromTerms, type Terms } from './termsForm';

/** A new offer: first the niche, then its terms. */
export function NewOfferPage() {
  const { t } = useTranslation();
  const text = useLocalized();
  const [nicheId, setNicheId] = useState<string | null>(null);
  // Another niche begins the terms anew; what the offer is called stays.
  const name = useRef('');
  const read = useRead(nichesQuery, {});
  const niches = read.data?.niches ?? [];
  const niche = niches.find((each) => each.id === nicheId);
  const choice = (
    <Fieldset legend={t('buyer.offerForm.niche')}>
      <Select
        aria-label={t('buyer.offerForm.niche')}
        description={t('buyer.offerForm.nicheHint')}
        placeholder={t('buyer.offerForm.chooseNiche')}
        data={niches.map((each) => ({
          value: each.id,
          label: `${text(each.name)} (${each.currency})`,
        }))}
        value={nicheId}
        onChange={setNicheId}
        allowDeselect={false}
      />
    </Fieldset>
  );
  return (
    <Page
      title={t('buyer.offerForm.newTitle')}
      trail={[{ label: t('buyer.offers.title'), to: '/buyer/offers' }]}
    >
      {read.loading && <LoadingState />}
      {read.error && !read.data && <ErrorState error={read.error} onRetry={read.reload} />}
      {read.data && niches.length === 0 && <EmptyState title={t('buyer.offerForm.noNiches')} />}
      {niches.length > 0 && niche === undefined && (
        <Stack>
          <Steps step="niche" wrong={[]} onStep={null} />
          {choice}
        </Stack>
      )}
      {niche && <NewOfferForm key={niche.id} niche={niche} choice={choice} name={name} />}
    </Page>
  );
}

function NewOfferForm({
  niche,
  choice,
  name,
}: {
  niche: NicheShown;
  choice: ReactNode;
  name: RefObject<string>;
}) {
  const viewer = useViewer();
  const navigate = useNavigate();
  const create = useAction(createOffer);
  const finish = useFinish();
  const rules = useMemo(() => rulesOf(niche), [niche]);
  const [initial] = useState(() => {
    const form = emptyForm(viewer.organization.timeZone);
    form.name = name.current;
    const longest = rules.maxReturnWindowS;
    if (longest !== null && form.returnWindowS > longest) form.returnWindowS = longest;
    return form;
  });

  const save = async (called: string, terms: Terms, review: boolean): Promise<Problem[]> => {
    const outcome = await create.run({ nicheId: niche.id, name: called, terms });
    if (!outcome.ok) return outcome.problems;
    const id = outcome.payload.offer?.id;
    if (id !== undefined) await finish.go(id, review);
    return [];
  };
  return (
    <OfferForm
      initial={initial}
      rules={rules}
      running={create.running || finish.running}
      onSave={save}
      onCancel={() => void navigate({ to: '/buyer/offers' })}
      estimate={(terms) => <OfferEstimate nicheId={niche.id} terms={terms} />}
      niche={choice}
      onName={(next) => {
        name.current = next;
      }}
    />
  );
}

/** Another version of an offer, from its draft or from the terms in effect. */
export function EditOfferPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const read = useRead(offerQuery, { id });
  const offer = read.data?.offer;
  return (
    <Page
      title={offer ? t('buyer.offerForm.editTitle', { name: offer.name }) : t('common.loading')}
      trail={[
        { label: t('buyer.offers.title'), to: '/buyer/offers' },
        ...(offer ? [{ label: offer.name, to: `/buyer/offers/${id}` }] : []),
      ]}
    >
      {read.loading && <LoadingState />}
      {read.error && !read.data && <ErrorState error={read.error} onRetry={read.reload} />}
      {offer === null && <EmptyState title={t('common.notFoundText')} />}
      {offer && <EditOfferForm key={offer.id} offer={offer} />}
    </Page>
  );
}

type LoadedOffer = NonNullable<ResultOf<typeof offerQuery>['offer']>;

function EditOfferForm({ offer }: { offer: LoadedOffer }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const navigate = useNavigate();
  const revise = useAction(reviseOffer);
  const finish = useFinish();
  const rules = useMemo(() => rulesOf(offer.niche), [offer.niche]);
  const version = offer.draft ?? offer.current;
  // The form keeps what was loaded first: a change elsewhere must not overwrite what is typed.
  const [initial] = useState(() =>
    version ? formFromTerms(offer.name, version.terms) : emptyForm(viewer.organization.timeZone),
  );

  const save = async (name: string, terms: Terms, review: boolean): Promise<Problem[]> => {
    const outcome = await revise.run({ offerId: offer.id, name, terms });
    if (!outcome.ok) return outcome.problems;
    await finish.go(offer.id, review);
    return [];
  };
  return (
    <Stack>
      <Alert color="blue">{t('buyer.offerForm.editHint')}</Alert>
      <OfferForm
        initial={initial}
        rules={rules}
        running={revise.running || finish.running}
        onSave={save}
        onCancel={() => void navigate({ to: `/buyer/offers/${offer.id}` })}
        estimate={(terms) => (
          <OfferEstimate nicheId={offer.niche.id} offerId={offer.id} terms={terms} />
        )}
        start="review"
        before={offer.current?.terms ?? null}
      />
    </Stack>
  );
}

/** After saving: sends the draft to review if asked, and opens the offer either way. */
function useFinish() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const submit = useAction(submitOffer);
  const go = async (offerId: string, review: boolean) => {
    const outcome = review ? await submit.run({ offerId }) : null;
    const refused = outcome !== null && !outcome.ok;
    notifications.show({
      color: refused ? 'orange' : 'teal',
      message: refused
        ? t('buyer.offerForm.savedNotSubmitted', {
            reason: outcome.problems.map((each) => problemText(each, t)).join(' '),
          })
        : t(review ? 'buyer.offerForm.submitted' : 'buyer.offerForm.saved'),
    });
    await navigate({ to: `/buyer/offers/${offerId}` });
  };
  return { go, running: submit.running };
}
