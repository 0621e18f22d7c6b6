import { ActionButton } from '../../../components/ActionButton';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import type { Enum } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { DecideOrganization } from './queries';

type State = Enum<'OrganizationState'>;

/** What an operator may make of an organization in each state. */
function steps(state: State): readonly Exclude<State, 'PENDING'>[] {
  switch (state) {
    case 'PENDING':
      return ['ACTIVE', 'CLOSED'];
    case 'ACTIVE':
      return ['SUSPENDED', 'CLOSED'];
    case 'SUSPENDED':
      return ['ACTIVE', 'CLOSED'];
    case 'CLOSED':
      return [];
  }
}

/** Approves, suspends, resumes or closes an organization. */
export function OrganizationDecision({
  id,
  name,
  state,
  size = 'sm',
}: {
  id: string;
  name: string;
  state: State;
  size?: 'sm' | 'compact-sm';
}) {
  const { t } = useTranslation();
  const can = useCan();
  const decide = useAction(DecideOrganization, { idempotent: true });
  if (!can('MODERATE')) return null;
  return (
    <>
      {steps(state).map((next) => {
        const good = next === 'ACTIVE';
        const label =
          good && state === 'SUSPENDED'
            ? t('operator.organizations.resume')
            : next === 'CLOSED' && state === 'PENDING'
              ? t('operator.organizations.refuse')
              : t(`operator.organizations.make.${next}`);
        return (
          <ActionButton
            key={next}
            size={size}
            {...(good ? {} : { danger: true, variant: 'light' })}
            title={`${label}: ${name}`}
            text={t(`operator.organizations.effect.${next}`)}
            note={{
              label: good ? `${t('common.note')} (${t('common.optional')})` : t('common.note'),
              required: !good,
            }}
            action={decide}
            input={(note) => ({ id, state: next, note })}
            done={t('common.done')}
          >
            {label}
          </ActionButton>
        );
      })}
    </>
  );
}
