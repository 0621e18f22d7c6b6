import { Alert, Anchor, List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../components/layout';
import { ChangeTable } from '../../market/ChangeTable';
import { decimalOf } from '../../market/money';
import { type ShownTerms, TermsView } from '../../market/TermsView';
import type { Step } from './steps';
import { termsChanges } from './termsDiff';
import {
  formFromTerms,
  type MoneyValue,
  type NicheRules,
  type Terms,
  type TermsForm,
  termsFromForm,
} from './termsForm';

interface Props {
  values: TermsForm;
  rules: NicheRules;
  /** The terms in force; null for an offer that has none. */
  before: Terms | null;
  /** The steps that are not finished. */
  mistakes: readonly Step[];
  onStep: (step: Step) => void;
}

/** Everything that was typed, as it will read: what it changes, then all of it. */
export function OfferReview({ values, rules, before, mistakes, onStep }: Props) {
  const { t } = useTranslation();
  if (mistakes.length > 0) {
    return (
      <Alert color="yellow" title={t('buyer.offerForm.unfinished')}>
        <List size="sm">
          {mistakes.map((step) => (
            <List.Item key={step}>
              <Anchor component="button" type="button" size="sm" onClick={() => onStep(step)}>
                {t(`buyer.offerForm.step.${step}`)}
              </Anchor>
            </List.Item>
          ))}
        </List>
      </Alert>
    );
  }
  const terms = termsFromForm(values, rules);
  return (
    <>
      {before !== null && (
        <Section title={t('buyer.offerForm.changes')}>
          <Text size="sm" c="dimmed" mb="sm">
            {t('buyer.offerForm.changesHint')}
          </Text>
          <ChangeTable
            // Both sides go through the form, so that nothing shows but what was typed.
            changes={termsChanges(termsFromForm(formFromTerms('', before), rules), terms)}
            fields={rules.fields}
            currency={rules.currency}
          />
        </Section>
      )}
      <Section title={t('buyer.offerForm.whole', { name: values.name.trim() })}>
        <TermsView terms={shown(terms)} fields={rules.fields} side="price" />
      </Section>
    </>
  );
}

const money = ({ minor, currency }: MoneyValue) => ({
  minor,
  currency,
  decimal: decimalOf(minor, currency),
});
const maybe = (amount: MoneyValue | null | undefined) => (amount == null ? null : money(amount));

/** Terms that are not saved yet, as the table of terms shows them. */
function shown(terms: Terms): ShownTerms {
  const cap = (each: Terms['caps'][number]) => ({
    period: each.period,
    count: each.count ?? null,
    money: maybe(each.money),
  });
  return {
    ...terms,
    goals: terms.goals.map(({ price, percent, ...goal }) => ({
      kind: goal.kind,
      amount: money(percent?.min ?? price ?? { minor: '0', currency: '' }),
      percent: percent
        ? { bps: percent.bps, min: money(percent.min), max: money(percent.max) }
        : null,
      attributionWindowS: goal.attributionWindowS ?? 0,
      reserveBps: goal.reserveBps ?? 0,
      minCallSeconds: goal.minCallSeconds ?? null,
      repeatCallerWindowS: goal.repeatCallerWindowS ?? null,
      callsAtOnce: goal.callsAtOnce ?? null,
      several: goal.several ?? false,
    })),
    caps: terms.caps.map(cap),
    publisherCaps: terms.publisherCaps.map(cap),
    sharedAmounts: terms.sharedPrices.map(({ copies, price }) => ({
      copies,
      amount: money(price),
    })),
  };
}
