import { Alert, Button, Fieldset, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problems } from '../../../components/states';
import { problemText, type Problem } from '../../../lib/errors';
import { formatDuration } from '../../../lib/format';
import {
  AccessSection,
  CapsSection,
  ClocksSection,
  ConditionsSection,
  ScheduleSection,
} from './OfferFormSections';
import { GoalsSection } from './GoalsSection';
import {
  checkForm,
  formPath,
  leastLock,
  termsFromForm,
  type FormProblem,
  type NicheRules,
  type Terms,
  type TermsForm,
} from './termsForm';

interface Props {
  initial: TermsForm;
  rules: NicheRules;
  running: boolean;
  /** Saves the draft, and with `review` sends it to the operators too. Returns refusals. */
  onSave: (name: string, terms: Terms, review: boolean) => Promise<Problem[]>;
  onCancel: () => void;
  /** What stands beside the terms: null while the form has mistakes. */
  estimate?: (terms: Terms | null) => ReactNode;
}

/** Edits all terms of an offer. */
export function OfferForm({ initial, rules, running, onSave, onCancel, estimate }: Props) {
  const { t, i18n } = useTranslation();
  const [rest, setRest] = useState<Problem[]>([]);
  const explain = (problem: FormProblem, values: TermsForm) =>
    t(`buyer.offerForm.problem.${problem}`, problemValues(rules, values, i18n.language));
  const form = useForm<TermsForm>({
    initialValues: initial,
    validate: (values) =>
      Object.fromEntries(
        Object.entries(checkForm(values, rules)).map(([path, problem]) => [
          path,
          explain(problem, values),
        ]),
      ),
  });

  const save = async (review: boolean) => {
    setRest([]);
    if (form.validate().hasErrors) return;
    const problems = await onSave(
      form.values.name.trim(),
      termsFromForm(form.values, rules),
      review,
    );
    const homeless: Problem[] = [];
    for (const problem of problems) {
      const path = formPath(problem.field, form.values);
      if (path === null) homeless.push(problem);
      else form.setFieldError(path, problemText(problem, t));
    }
    setRest(homeless);
  };

  const hasErrors = Object.keys(form.errors).length > 0;
  const sections = { form, rules };
  const sound = Object.keys(checkForm(nameless(form.values), rules)).length === 0;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save(false);
      }}
    >
      <Stack>
        <Fieldset legend={t('buyer.offerForm.basics')}>
          <TextInput
            label={t('buyer.offerForm.name')}
            description={t('buyer.offerForm.nameHint')}
            {...form.getInputProps('name')}
          />
        </Fieldset>
        <GoalsSection {...sections} />
        <ConditionsSection {...sections} />
        <CapsSection {...sections} />
        <ScheduleSection {...sections} />
        <ClocksSection {...sections} />
        <AccessSection {...sections} />
        {estimate?.(sound ? termsFromForm(form.values, rules) : null)}
        <Problems problems={rest} />
        {hasErrors && (
          <Alert color="red" role="alert">
            {t('buyer.offerForm.hasErrors')}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="subtle" color="gray" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" variant="default" loading={running}>
            {t('buyer.offerForm.saveDraft')}
          </Button>
          <Button loading={running} onClick={() => void save(true)}>
            {t('buyer.offerForm.saveAndSubmit')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The terms alone: an estimate needs no name. */
function nameless(values: TermsForm): TermsForm {
  return { ...values, name: values.name === '' ? '-' : values.name };
}

function problemValues(rules: NicheRules, values: TermsForm, language: string) {
  const seconds = rules.maxReturnWindowS ?? 0;
  return {
    floor: rules.priceFloorText,
    days: String(Math.floor(seconds / 86_400)),
    least: formatDuration(leastLock(values.returnWindowS, rules), language),
  };
}
