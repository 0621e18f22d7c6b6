import {
  Button,
  Group,
  Input,
  List,
  MultiSelect,
  NumberInput,
  Paper,
  Select,
  Stack,
  Text,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../components/layout';
import { AppLink } from '../../../components/links';
import { RemoveButton } from '../../../components/RemoveButton';
import type { Strategy } from '../../market/policy';
import { GROUP_STRATEGIES, LIMITS, ownTieBreaks, type RoutingForm, TIE_BREAKS } from './routing';

export type Form = UseFormReturnType<RoutingForm>;

/** What decides between equals, in the order in which it was chosen. */
export function TieBreaksInput({
  form,
  path,
  strategy,
  description,
}: {
  form: Form;
  path: string;
  strategy: Strategy;
  description?: string | undefined;
}) {
  const { t } = useTranslation();
  const input = form.getInputProps(path) as { value: string[] };
  const own = ownTieBreaks(strategy)
    .map((each) => t(`operator.routing.tie.${each}`))
    .join(', ');
  return (
    <MultiSelect
      label={t('operator.routing.tieBreaks')}
      description={description ?? t('operator.routing.tieBreaksHint')}
      placeholder={input.value.length === 0 ? own : ''}
      data={TIE_BREAKS.map((value) => ({ value, label: t(`operator.routing.tie.${value}`) }))}
      clearable
      {...input}
    />
  );
}

/** The groups of a waterfall, asked one after the other. */
export function GroupsSection({ form }: { form: Form }) {
  const { t } = useTranslation();
  const { groups } = form.values;
  const remove = t('operator.routing.removeGroup');
  const next = Math.max(0, ...groups.map((group) => Number(group.number) || 0)) + 1;
  return (
    <Section title={t('operator.routing.groups')}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('operator.routing.groupsText')}
        </Text>
        {groups.map((group, i) => (
          <Paper key={i} withBorder p="sm">
            <Group align="flex-start">
              <NumberInput
                label={t('operator.routing.groupNumber')}
                min={1}
                max={LIMITS.group}
                allowDecimal={false}
                w={110}
                {...form.getInputProps(`groups.${i}.number`)}
              />
              <Select
                label={t('operator.routing.groupStrategy')}
                allowDeselect={false}
                w={{ base: '100%', xs: 200 }}
                data={GROUP_STRATEGIES.map((value) => ({
                  value,
                  label: t(`enums.RoutingStrategy.${value}`),
                }))}
                {...form.getInputProps(`groups.${i}.strategy`)}
              />
              <div style={{ flex: 1, minWidth: 220 }}>
                <TieBreaksInput
                  form={form}
                  path={`groups.${i}.tieBreaks`}
                  strategy={group.strategy}
                />
              </div>
              <RemoveButton
                label={remove}
                mt={28}
                onClick={() => form.removeListItem('groups', i)}
              />
            </Group>
            <Text size="xs" c="dimmed" mt={6}>
              {t(`operator.routing.means.${group.strategy}`)}
            </Text>
          </Paper>
        ))}
        {form.errors.groups !== undefined && <Input.Error>{form.errors.groups}</Input.Error>}
        {groups.length < LIMITS.groups && next <= LIMITS.group && (
          <Button
            variant="light"
            size="xs"
            style={{ alignSelf: 'flex-start' }}
            onClick={() =>
              form.insertListItem('groups', { number: next, strategy: 'AUCTION', tieBreaks: [] })
            }
          >
            {t('operator.routing.addGroup')}
          </Button>
        )}
      </Stack>
    </Section>
  );
}

/** What else decides about a lead, and where it is set. */
export function Elsewhere({ nicheId }: { nicheId: string }) {
  const { t } = useTranslation();
  return (
    <Section title={t('operator.routing.elsewhere')}>
      <List size="sm" spacing={4}>
        <List.Item>{t('operator.routing.copiesText')}</List.Item>
        <List.Item>{t('operator.routing.overCapText')}</List.Item>
        <List.Item>{t('operator.routing.fallbackText')}</List.Item>
      </List>
      <Group mt="sm">
        <AppLink to="/operator/offers" search={{ niche: nicheId }} size="sm">
          {t('operator.routing.offersOfNiche')}
        </AppLink>
        <AppLink to="/operator/sources" size="sm">
          {t('operator.sources.title')}
        </AppLink>
      </Group>
    </Section>
  );
}
