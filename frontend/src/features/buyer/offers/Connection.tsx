import { Alert, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ActionButton } from '../../../components/ActionButton';
import { FormDialog } from '../../../components/FormDialog';
import { Facts, Section } from '../../../components/layout';
import { Copyable } from '../../../components/links';
import { UserErrorFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import type { LoadedOffer } from './OfferPage';

const SetConnection = graphql(
  `
    mutation SetOfferConnection($input: SetOfferConnectionInput!) {
      setOfferConnection(input: $input) {
        offer {
          id
          connectTo
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

/** Whether the offer pays for calls, now or in its draft. */
export function buysCalls({ current, draft }: Pick<LoadedOffer, 'current' | 'draft'>): boolean {
  return [current, draft].some(
    (version) => version?.terms.goals.some((goal) => goal.kind === 'CALL') ?? false,
  );
}

/** To which number the offer's calls are connected. */
export function Connection({ offer }: { offer: LoadedOffer }) {
  const { t } = useTranslation();
  const can = useCan();
  const { connectTo } = offer;
  const editable = can('MANAGE_OFFERS') && offer.state !== 'CLOSED';
  return (
    <Section
      title={t('traffic.connection.title')}
      actions={editable && <Change offerId={offer.id} connectTo={connectTo} />}
    >
      <Text size="sm" c="dimmed" mb="sm">
        {t('traffic.connection.text')}
      </Text>
      {connectTo === null ? (
        <Alert color="orange">{t('traffic.connection.none')}</Alert>
      ) : (
        <Facts
          facts={[{ label: t('traffic.connection.number'), value: <Copyable value={connectTo} /> }]}
        />
      )}
    </Section>
  );
}

function Change({ offerId, connectTo }: { offerId: string; connectTo: string | null }) {
  const { t } = useTranslation();
  const set = useAction(SetConnection);
  const remove = useAction(SetConnection);
  const form = useForm({
    initialValues: { connectTo: '' },
    validate: { connectTo: (value) => (value.trim() === '' ? t('common.required') : null) },
  });
  return (
    <>
      <FormDialog
        label={t(connectTo === null ? 'traffic.connection.set' : 'traffic.connection.change')}
        variant="light"
        form={form}
        running={set.running}
        onSend={async (values) => {
          const outcome = await set.run({ offerId, connectTo: values.connectTo.trim() });
          if (outcome.ok) {
            notifications.show({ color: 'teal', message: t('traffic.connection.saved') });
          }
          return outcome;
        }}
      >
        <TextInput
          label={t('traffic.connection.numberLabel')}
          description={t('traffic.connection.numberHint')}
          placeholder={connectTo ?? '+74951234567'}
          required
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('connectTo')}
        />
      </FormDialog>
      {connectTo !== null && (
        <ActionButton
          variant="light"
          danger
          title={t('traffic.connection.remove')}
          text={t('traffic.connection.removeText')}
          action={remove}
          input={() => ({ offerId, connectTo: null })}
          done={t('traffic.connection.removed')}
        >
          {t('traffic.connection.remove')}
        </ActionButton>
      )}
    </>
  );
}
