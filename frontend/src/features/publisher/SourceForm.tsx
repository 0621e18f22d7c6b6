import {
  Alert,
  Button,
  Group,
  NumberInput,
  Select,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MoneyInput, placeProblems } from '../../components/forms';
import { Problems } from '../../components/states';
import { useEnumOptions } from '../../components/StatusBadge';
import { useLocalized } from '../../components/text';
import type { Problem } from '../../lib/errors';
import { parseMoney } from '../../lib/format';
import { shortId } from '../../lib/ids';
import type { Enum, ResultOf } from '../../lib/graphql';
import { minorToText } from '../market/money';
import type { SourceChoicesQuery } from './sources';

export type SourceChoices = ResultOf<typeof SourceChoicesQuery>;

export interface SourceValues {
  nicheId: string;
  name: string;
  kind: Enum<'SourceKind'>;
  traffic: string;
  targetOfferId: string | null;
  fallback: Enum<'SourceFallback'>;
  fallbackOfferId: string | null;
  maxSales: number;
  minEarning: { minor: string; currency: string } | null;
}

interface Props {
  choices: SourceChoices;
  initial: Partial<SourceValues>;
  /** An existing source keeps its niche and kind; other traffic is moderated again. */
  existing?: boolean;
  running: boolean;
  submitLabel: string;
  onCancel: () => void;
  /** Returns refusals. */
  onSubmit: (values: SourceValues) => Promise<readonly Problem[]>;
}

/** Offers of a niche that the publisher may sell to. */
export function targetsOf(choices: SourceChoices, nicheId: string | null) {
  return choices.catalogue.nodes.filter(
    (offer) =>
      offer.niche.id === nicheId &&
      (offer.participation === null
        ? offer.visibility === 'PUBLIC'
        : offer.participation.state === 'APPROVED'),
  );
}

/** Creates or changes a source. */
export function SourceForm(props: Props) {
  const { choices, initial, existing = false } = props;
  const { t } = useTranslation();
  const text = useLocalized();
  const kinds = useEnumOptions('SourceKind');
  const fallbacks = useEnumOptions('SourceFallback');
  const [rest, setRest] = useState<Problem[]>([]);
  const form = useForm({
    initialValues: {
      nicheId: initial.nicheId ?? null,
      name: initial.name ?? '',
      kind: initial.kind ?? 'API',
      traffic: initial.traffic ?? '',
      targetOfferId: initial.targetOfferId ?? null,
      fallback: initial.fallback ?? 'NONE',
      fallbackOfferId: initial.fallbackOfferId ?? null,
      maxSales: (initial.maxSales ?? 1) as number | string,
      minEarning: initial.minEarning
        ? minorToText(initial.minEarning.minor, initial.minEarning.currency)
        : '',
    },
    validate: {
      nicheId: (value) => (value === null ? t('common.required') : null),
      name: (value) => (value.trim() === '' ? t('common.required') : null),
      traffic: (value) => (value.trim() === '' ? t('common.required') : null),
      fallbackOfferId: (value, { targetOfferId, fallback }) =>
        targetOfferId !== null && fallback === 'OFFER' && value === null
          ? t('common.required')
          : null,
      maxSales: (value) => (isWhole(value) ? null : t('publisher.sources.badSales')),
    },
  });
  const { nicheId } = form.values;
  const currency = choices.niches.find((niche) => niche.id === nicheId)?.currency ?? '';
  const submit = form.onSubmit(async (values) => {
    const fallback = values.targetOfferId === null ? 'NONE' : values.fallback;
    const typed = values.minEarning.trim();
    const minor = typed === '' ? null : parseMoney(typed, currency);
    if (values.nicheId === null || (typed !== '' && minor === null)) return;
    const problems = await props.onSubmit({
      nicheId: values.nicheId,
      name: values.name.trim(),
      kind: values.kind,
      traffic: values.traffic.trim(),
      targetOfferId: values.targetOfferId,
      fallback,
      fallbackOfferId: fallback === 'OFFER' ? values.fallbackOfferId : null,
      maxSales: Number(values.maxSales),
      minEarning: minor === null ? null : { minor, currency },
    });
    setRest(placeProblems(form, problems, t));
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={640}>
        <Select
          label={t('buyer.offer.niche')}
          required
          allowDeselect={false}
          disabled={existing}
          data={choices.niches.map((niche) => ({ value: niche.id, label: text(niche.name) }))}
          {...form.getInputProps('nicheId')}
          onChange={(next: string | null) =>
            form.setValues({ nicheId: next, targetOfferId: null, fallbackOfferId: null })
          }
        />
        <TextInput
          label={t('common.name')}
          description={t('publisher.sources.nameHint')}
          required
          {...form.getInputProps('name')}
        />
        <Select
          label={t('common.kind')}
          description={t(`publisher.sources.kindHint.${form.values.kind}`)}
          allowDeselect={false}
          disabled={existing}
          data={kinds}
          {...form.getInputProps('kind')}
        />
        <Textarea
          label={t('publisher.sources.traffic')}
          description={t('publisher.sources.trafficHint')}
          required
          autosize
          minRows={2}
          {...form.getInputProps('traffic')}
        />
        {existing && form.values.traffic.trim() !== initial.traffic && (
          <Alert color="yellow" role="status">
            {t('publisher.sources.trafficAgain')}
          </Alert>
        )}
        <Select
          label={t('publisher.sources.target')}
          description={t('publisher.sources.targetHint')}
          placeholder={t('publisher.sources.market')}
          clearable
          searchable
          disabled={nicheId === null}
          data={targetChoices(choices, nicheId, existing ? initial.targetOfferId : null)}
          {...form.getInputProps('targetOfferId')}
        />
        {form.values.targetOfferId !== null && (
          <Select
            label={t('publisher.sources.fallback')}
            description={t('publisher.sources.fallbackHint')}
            allowDeselect={false}
            data={fallbacks}
            {...form.getInputProps('fallback')}
          />
        )}
        {form.values.targetOfferId !== null && form.values.fallback === 'OFFER' && (
          <Select
            label={t('publisher.sources.fallbackOffer')}
            searchable
            data={targetChoices(choices, nicheId, existing ? initial.fallbackOfferId : null).filter(
              (option) => option.value !== form.values.targetOfferId,
            )}
            {...form.getInputProps('fallbackOfferId')}
          />
        )}
        <NumberInput
          label={t('market.terms.maxSales')}
          description={t('publisher.sources.salesHint')}
          min={1}
          max={10}
          allowDecimal={false}
          {...form.getInputProps('maxSales')}
        />
        <MoneyInput
          label={t('publisher.sources.minEarning')}
          description={t('publisher.sources.minHint')}
          currency={currency}
          disabled={currency === ''}
          value={form.values.minEarning}
          error={form.errors.minEarning}
          onValue={(value) => form.setFieldValue('minEarning', value)}
        />
        <Problems problems={rest} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onCancel}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={props.running}>
            {props.submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Targets as options; one that the catalogue no longer lists stays, so that saving keeps it. */
function targetChoices(
  choices: SourceChoices,
  nicheId: string | null,
  current: string | null | undefined,
): { value: string; label: string }[] {
  const listed = targetsOf(choices, nicheId).map((offer) => ({
    value: offer.id,
    label: `${offer.name} · ${offer.buyerName}`,
  }));
  if (current == null || listed.some((option) => option.value === current)) return listed;
  return [{ value: current, label: shortId(current) }, ...listed];
}

function isWhole(value: number | string): boolean {
  const n = Number(value);
  return value !== '' && Number.isInteger(n) && n >= 1 && n <= 10;
}
