import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../components/DataTable';
import { type Fact, Facts } from '../../components/layout';
import { Duration, MoneyText, useLocalized } from '../../components/text';
import type { FieldSpec } from './conditions';
import { decimalOf } from './money';
import { readPolicy } from './policy';

interface Reason {
  code: string;
  label: { en: string; ru: string };
  commentRequired: boolean;
}

/** For what a lead of the niche may be returned. */
export function ReturnReasons({ reasons }: { reasons: readonly Reason[] }) {
  const { t } = useTranslation();
  const localized = useLocalized();
  return (
    <SimpleTable
      rows={reasons}
      rowKey={(row) => row.code}
      caption={t('market.niche.returnReasons')}
      columns={[
        { id: 'label', header: t('shared.reason'), cell: (row) => localized(row.label) },
        { id: 'code', header: t('market.niche.code'), cell: (row) => <code>{row.code}</code> },
        {
          id: 'comment',
          header: t('market.niche.commentRequired'),
          cell: (row) => (row.commentRequired ? t('common.yes') : t('common.no')),
        },
      ]}
    />
  );
}

/** What the niche's policy means for those who trade in it, in words. */
export function NicheRules({
  policy,
  fields,
  currency,
  floor,
}: {
  policy: unknown;
  fields: readonly FieldSpec[];
  currency: string;
  /** Whether the reader sets prices. */
  floor: boolean;
}) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const rules = readPolicy(policy);
  const named = (name: string) => {
    const spec = fields.find((field) => field.name === name);
    return spec === undefined ? name : localized(spec.label);
  };
  const time = (label: string, seconds: number | null): Fact | false =>
    seconds !== null && { label, value: <Duration seconds={seconds} /> };
  const joint = rules.dedupeMode === 'ALL' ? t('market.niche.and') : t('market.niche.or');
  return (
    <Facts
      facts={[
        rules.keySets.length > 0 && {
          label: t('market.niche.samePerson'),
          value: rules.keySets.map((set) => set.map(named).join(' + ')).join(` ${joint} `),
        },
        rules.dedupeScope !== null && {
          label: t('market.niche.repeats'),
          value: t(`market.niche.scope.${rules.dedupeScope}`),
        },
        time(t('market.niche.dedupeWindow'), rules.dedupeWindowS),
        time(t('market.niche.maxReturnWindow'), rules.maxReturnWindowS),
        time(t('market.niche.answer'), rules.answerS),
        time(t('market.niche.decide'), rules.decideS),
        rules.onSilence !== null && {
          label: t('market.niche.onSilence'),
          value: t(`market.niche.silence.${rules.onSilence}`),
        },
        floor &&
          rules.priceFloor !== null && {
            label: t('market.niche.priceFloor'),
            value: (
              <MoneyText
                money={{
                  minor: rules.priceFloor,
                  currency,
                  decimal: decimalOf(rules.priceFloor, currency),
                }}
              />
            ),
          },
        rules.consentRequired !== null && {
          label: t('market.niche.consent'),
          value: rules.consentRequired ? t('market.niche.consentNeeded') : t('common.no'),
        },
        time(t('market.niche.retention'), rules.contactRetentionS),
        {
          label: t('market.niche.strategy'),
          value: t(`enums.RoutingStrategy.${rules.strategy}`),
        },
      ]}
    />
  );
}
