import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Radio,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MoneyInput } from '../../../components/forms';
import { Problems } from '../../../components/states';
import { useEnumOptions } from '../../../components/StatusBadge';
import { type Problem, problemText } from '../../../lib/errors';
import { UserErrorFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { type FindName, type LiveForm, liveInput, livePath, liveProblems } from './liveForm';

const SetConnection = graphql(
  `
    mutation SetLiveConnection($input: SetLiveConnectionInput!) {
      setLiveConnection(input: $input) {
        connection {
          offerId
        }
        secret
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

interface Props {
  offerId: string;
  currency: string;
  initial: LiveForm;
  existing: boolean;
  onCancel: () => void;
  /** Tells the signing secret if it is new. */
  onSaved: (secret: string | null) => void;
}

/** Addresses, limits and how answers are read. */
export function LiveConnectionForm({
  offerId,
  currency,
  initial,
  existing,
  onCancel,
  onSaved,
}: Props) {
  const { t } = useTranslation();
  const set = useAction(SetConnection);
  const [rest, setRest] = useState<Problem[]>([]);
  const form = useForm<LiveForm>({
    initialValues: initial,
    validate: (values) =>
      Object.fromEntries(
        Object.entries(liveProblems(values, currency)).map(([path, problem]) => [
          path,
          t(`buyer.live.problem.${problem}`),
        ]),
      ),
  });
  const submit = form.onSubmit(async (values) => {
    setRest([]);
    const outcome = await set.run(liveInput(values, offerId, currency));
    if (outcome.ok) {
      onSaved(outcome.payload.secret);
      return;
    }
    const homeless: Problem[] = [];
    for (const problem of outcome.problems) {
      const path = livePath(problem.field);
      if (path === null) homeless.push(problem);
      else form.setFieldError(path, problemText(problem, t));
    }
    setRest(homeless);
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Addresses form={form} />
        <Limits form={form} currency={currency} />
        <Mapping form={form} />
        {existing && (
          <Checkbox
            label={t('buyer.live.rotate')}
            description={t('buyer.live.rotateHint')}
            {...form.getInputProps('rotateSecret', { type: 'checkbox' })}
          />
        )}
        <Problems problems={rest} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={set.running}>
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface PartProps {
  form: UseFormReturnType<LiveForm>;
}

function Addresses({ form }: PartProps) {
  const { t } = useTranslation();
  return (
    <Fieldset legend={t('buyer.live.addresses')}>
      <Stack>
        <TextInput
          label={t('buyer.live.askUrl')}
          description={t('buyer.live.askHint')}
          placeholder="https://crm.example.com/leadbourse/ask"
          required
          inputMode="url"
          {...form.getInputProps('askUrl')}
        />
        <TextInput
          label={t('buyer.live.postUrl')}
          description={t('buyer.live.postHint')}
          placeholder="https://crm.example.com/leadbourse/post"
          required
          inputMode="url"
          {...form.getInputProps('postUrl')}
        />
        <TextInput
          label={`${t('buyer.live.statusUrl')} (${t('common.optional')})`}
          description={t('buyer.live.statusHint')}
          placeholder="https://crm.example.com/leadbourse/status"
          inputMode="url"
          {...form.getInputProps('statusUrl')}
        />
        <Radio.Group
          label={t('buyer.live.onSilence')}
          description={t('buyer.live.onSilenceHint')}
          {...form.getInputProps('onSilence')}
        >
          <Group mt={6}>
            {(['RELEASED', 'SOLD'] as const).map((value) => (
              <Radio key={value} value={value} label={t(`enums.LiveOnSilence.${value}`)} />
            ))}
          </Group>
        </Radio.Group>
      </Stack>
    </Fieldset>
  );
}

function Limits({ form, currency }: PartProps & { currency: string }) {
  const { t } = useTranslation();
  return (
    <Fieldset legend={t('buyer.live.limits')}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
        <NumberInput
          label={t('buyer.live.askTimeout')}
          min={50}
          allowDecimal={false}
          clampBehavior="none"
          {...form.getInputProps('askTimeoutMs')}
        />
        <NumberInput
          label={t('buyer.live.postTimeout')}
          min={50}
          allowDecimal={false}
          clampBehavior="none"
          {...form.getInputProps('postTimeoutMs')}
        />
        <NumberInput
          label={t('buyer.live.concurrency')}
          min={1}
          allowDecimal={false}
          clampBehavior="none"
          {...form.getInputProps('concurrency')}
        />
        <MoneyInput
          label={`${t('buyer.live.minBid')} (${t('common.optional')})`}
          currency={currency}
          value={form.values.minBid}
          error={form.errors.minBid}
          onValue={(text) => form.setFieldValue('minBid', text)}
        />
      </SimpleGrid>
    </Fieldset>
  );
}

function Mapping({ form }: PartProps) {
  const { t } = useTranslation();
  const units = useEnumOptions('LivePriceUnit');
  return (
    <Fieldset legend={t('buyer.live.mapping')}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('buyer.live.mappingHint')}
        </Text>
        <Find form={form} name="accept" />
        {form.values.accept.by !== 'NOTHING' && (
          <TagsInput
            label={t('buyer.live.acceptWords')}
            description={t('buyer.live.acceptWordsHint')}
            {...form.getInputProps('acceptWords')}
          />
        )}
        <Find form={form} name="price" />
        {form.values.price.by !== 'NOTHING' && (
          <Select
            label={t('buyer.live.priceUnit')}
            allowDeselect={false}
            w={{ base: '100%', sm: 260 }}
            data={units}
            {...form.getInputProps('priceUnit')}
          />
        )}
        <Find form={form} name="reason" />
        <Find form={form} name="redirect" />
      </Stack>
    </Fieldset>
  );
}

/** Where one value is found. */
function Find({ form, name }: PartProps & { name: FindName }) {
  const { t } = useTranslation();
  const { by } = form.values[name];
  const label = t(`buyer.live.find.${name}`);
  return (
    <Group align="flex-start" gap="sm">
      <Select
        label={label}
        allowDeselect={false}
        w={{ base: '100%', sm: 260 }}
        data={(['POINTER', 'REGEX', 'NOTHING'] as const).map((value) => ({
          value,
          label: t(`buyer.live.by.${value}`),
        }))}
        {...form.getInputProps(`${name}.by`)}
      />
      {by !== 'NOTHING' && (
        <TextInput
          label={t(`buyer.live.by.${by}`)}
          aria-label={`${label}: ${t(`buyer.live.by.${by}`)}`}
          placeholder={by === 'POINTER' ? `/${name}` : `${name}=(.+)`}
          styles={{ input: { fontFamily: 'monospace' } }}
          flex={1}
          miw={200}
          spellCheck={false}
          {...form.getInputProps(`${name}.text`)}
        />
      )}
    </Group>
  );
}
