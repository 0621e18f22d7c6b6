import { Alert, Button, Fieldset, Group, Stack, Stepper, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect, useRef, useState, type ReactNode } from 'react';
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
import type { SectionProps } from './fields';
import { GoalsSection } from './GoalsSection';
import { OfferReview } from './OfferReview';
import { STEPS, stepOf, stepsOf, type Step } from './steps';
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
  /** The niche, above the name. */
  niche?: ReactNode;
  /** Where it opens. */
  start?: Step;
  /** The terms in force, which the new ones are compared with. */
  before?: Terms | null;
  /** Tells the name as it is typed. */
  onName?: (name: string) => void;
}

/** Edits all terms of an offer, step after step; every step can be opened at any time. */
export function OfferForm({
  initial,
  rules,
  running,
  onSave,
  onCancel,
  estimate,
  niche,
  start = 'niche',
  before = null,
  onName,
}: Props) {
  const { t, i18n } = useTranslation();
  const [rest, setRest] = useState<Problem[]>([]);
  const [step, setStep] = useState<Step>(start);
  const explain = (problem: FormProblem, values: TermsForm) =>
    t(`buyer.offerForm.problem.${problem}`, problemValues(rules, values, i18n.language));
  const explained = (values: TermsForm) =>
    Object.fromEntries(
      Object.entries(checkForm(values, rules)).map(([path, problem]) => [
        path,
        explain(problem, values),
      ]),
    );
  const form = useForm<TermsForm>({
    initialValues: initial,
    validate: explained,
    onValuesChange: (values) => onName?.(values.name),
  });

  const wrong = stepsOf(Object.keys(form.errors));
  /** The next step, unless this one has mistakes: they show at their fields. */
  const next = () => {
    const mine = Object.entries(explained(form.values)).filter(([path]) => stepOf(path) === step);
    form.setErrors(Object.fromEntries(mine));
    if (mine.length === 0) setStep(STEPS[STEPS.indexOf(step) + 1] ?? step);
  };
  const save = async (review: boolean) => {
    setRest([]);
    const found = form.validate();
    if (found.hasErrors) {
      setStep(stepsOf(Object.keys(found.errors))[0] ?? step);
      return;
    }
    const problems = await onSave(
      form.values.name.trim(),
      termsFromForm(form.values, rules),
      review,
    );
    const homeless: Problem[] = [];
    const placed: string[] = [];
    for (const problem of problems) {
      const path = formPath(problem.field, form.values);
      if (path === null) homeless.push(problem);
      else {
        form.setFieldError(path, problemText(problem, t));
        placed.push(path);
      }
    }
    setRest(homeless);
    const [first] = stepsOf(placed);
    if (first !== undefined) setStep(first);
  };

  const sound = Object.keys(checkForm(nameless(form.values), rules)).length === 0;
  const terms = sound ? termsFromForm(form.values, rules) : null;
  const last = step === 'review';
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (last) void save(false);
        else next();
      }}
    >
      <Stack>
        <Steps step={step} wrong={wrong} onStep={setStep} />
        <StepFields step={step} form={form} rules={rules} niche={niche} />
        {last && (
          <OfferReview
            values={form.values}
            rules={rules}
            before={before}
            mistakes={stepsOf(Object.keys(checkForm(form.values, rules)))}
            onStep={setStep}
          />
        )}
        {step !== 'niche' && step !== 'goals' && estimate?.(terms)}
        <Problems problems={rest} />
        {wrong.includes(step) && (
          <Alert color="red" role="alert">
            {t('buyer.offerForm.hasErrors')}
          </Alert>
        )}
        <Group justify="space-between">
          <Button variant="subtle" color="gray" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          <Group>
            {step !== 'niche' && (
              <Button
                variant="default"
                onClick={() => setStep(STEPS[STEPS.indexOf(step) - 1] ?? step)}
              >
                {t('common.back')}
              </Button>
            )}
            {last ? (
              <>
                <Button type="submit" variant="default" loading={running}>
                  {t('buyer.offerForm.saveDraft')}
                </Button>
                <Button loading={running} onClick={() => void save(true)}>
                  {t('buyer.offerForm.saveAndSubmit')}
                </Button>
              </>
            ) : (
              <Button type="submit">{t('buyer.offerForm.next')}</Button>
            )}
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

/** The way through the form: where one is, where mistakes are. Each step opens. */
export function Steps({
  step,
  wrong,
  onStep,
}: {
  step: Step;
  wrong: readonly Step[];
  onStep: ((step: Step) => void) | null;
}) {
  const { t } = useTranslation();
  const top = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    // The next step begins at its top, for eyes and for readers of the screen.
    top.current?.scrollIntoView({ block: 'start' });
    top.current?.querySelector<HTMLElement>('[aria-current="step"]')?.focus();
  }, [step]);
  return (
    <div ref={top} role="group" aria-label={t('buyer.offerForm.steps')} className="offer-steps">
      <Stepper
        active={STEPS.indexOf(step)}
        size="sm"
        {...(onStep === null ? {} : { onStepClick: (index) => onStep(STEPS[index] ?? step) })}
      >
        {STEPS.map((each) => (
          <Stepper.Step
            key={each}
            label={t(`buyer.offerForm.step.${each}`)}
            aria-label={t(`buyer.offerForm.step.${each}`)}
            allowStepSelect={onStep !== null}
            {...(each === step ? { 'aria-current': 'step' as const } : {})}
            {...(wrong.includes(each) ? { color: 'red', completedIcon: '!' } : {})}
          />
        ))}
      </Stepper>
    </div>
  );
}

/** The fields of one step. */
function StepFields({
  step,
  form,
  rules,
  niche,
}: SectionProps & { step: Step; niche: ReactNode | undefined }) {
  const { t } = useTranslation();
  const sections = { form, rules };
  switch (step) {
    case 'niche':
      return (
        <>
          {niche}
          <Fieldset legend={t('buyer.offerForm.basics')}>
            <TextInput
              label={t('buyer.offerForm.name')}
              description={t('buyer.offerForm.nameHint')}
              {...form.getInputProps('name')}
            />
          </Fieldset>
        </>
      );
    case 'goals':
      return (
        <>
          <GoalsSection {...sections} />
          <ClocksSection {...sections} />
        </>
      );
    case 'leads':
      return (
        <>
          <ConditionsSection {...sections} />
          <ScheduleSection {...sections} />
          <AccessSection {...sections} />
        </>
      );
    case 'caps':
      return <CapsSection {...sections} />;
    case 'review':
      return null;
  }
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
