import { Alert, Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { Page, Section } from '../../../components/layout';
import { ButtonLink } from '../../../components/links';
import { ReadState } from '../../../components/ReadState';
import { Problems } from '../../../components/states';
import { useLocalized } from '../../../components/text';
import { type Problem, problemText } from '../../../lib/errors';
import { useAction } from '../../../lib/use-action';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { STRATEGIES } from '../../market/policy';
import { type Niche, NicheQuery } from '../../market/niche-query';
import { PublishNicheVersion } from './queries';
import {
  checkRouting,
  formFromPolicy,
  policyWith,
  type RoutingForm,
  routingPath,
  sameRouting,
} from './routing';
import { Elsewhere, GroupsSection, TieBreaksInput } from './RoutingSections';
import { PlacesSection } from './RoutingPlaces';

/** Edits how a niche chooses among offers; saving publishes the niche's next version. */
function RoutingEditor({ niche }: { niche: Niche }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const publish = useAction(PublishNicheVersion);
  const [rest, setRest] = useState<Problem[]>([]);
  const [initial] = useState(() => formFromPolicy(niche.version.policy));
  const form = useForm<RoutingForm>({
    initialValues: initial,
    validate: (values) =>
      Object.fromEntries(
        Object.entries(checkRouting(values)).map(([path, problem]) => [
          path,
          t(`operator.routing.problem.${problem}`),
        ]),
      ),
  });
  const back = `/operator/niches/${niche.id}`;
  const unchanged = sameRouting(initial, form.values);

  const save = async () => {
    setRest([]);
    if (form.validate().hasErrors) return;
    const outcome = await publish.run({
      nicheId: niche.id,
      schema: niche.version.schema,
      policy: policyWith(niche.version.policy, form.values),
    });
    if (outcome.ok) {
      notifications.show({ color: 'teal', message: t('operator.routing.saved') });
      await navigate({ to: back });
      return;
    }
    const homeless: Problem[] = [];
    for (const problem of outcome.problems) {
      const path = routingPath(problem.field, form.values);
      if (path === null) homeless.push(problem);
      else form.setFieldError(path, problemText(problem, t));
    }
    setRest(homeless);
  };

  const { strategy } = form.values;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack>
        <Alert color="yellow">{t('operator.routing.text', { n: niche.version.version + 1 })}</Alert>
        <Section title={t('operator.routing.strategy')}>
          <Radio.Group
            aria-label={t('operator.routing.strategy')}
            {...form.getInputProps('strategy')}
          >
            <Stack gap="sm">
              {STRATEGIES.map((each) => (
                <Radio
                  key={each}
                  value={each}
                  label={t(`enums.RoutingStrategy.${each}`)}
                  description={t(`operator.routing.means.${each}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
        </Section>
        {strategy === 'WATERFALL' && <GroupsSection form={form} />}
        <Section title={t('operator.routing.ties')}>
          <TieBreaksInput
            form={form}
            path="tieBreaks"
            strategy={strategy === 'WATERFALL' ? 'AUCTION' : strategy}
            description={strategy === 'WATERFALL' ? t('operator.routing.tiesOfRest') : undefined}
          />
        </Section>
        <PlacesSection form={form} nicheId={niche.id} />
        <Elsewhere nicheId={niche.id} />
        <Problems problems={rest} />
        {Object.keys(form.errors).length > 0 && (
          <Alert color="red" role="alert">
            {t('operator.routing.hasErrors')}
          </Alert>
        )}
        <Group justify="flex-end">
          {unchanged && (
            <Text size="sm" c="dimmed">
              {t('operator.routing.unchanged')}
            </Text>
          )}
          <ButtonLink to={back} variant="default">
            {t('common.cancel')}
          </ButtonLink>
          <Button type="submit" loading={publish.running} disabled={unchanged}>
            {t('operator.routing.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function RoutingPage() {
  const { t } = useTranslation();
  const localized = useLocalized();
  const can = useCan();
  const id = useRouteId();
  const read = useRead(NicheQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.niche}>
      {(niche) => (
        <Page
          title={`${localized(niche.name)}: ${t('operator.routing.title')}`}
          trail={[
            { label: t('operator.niches.title'), to: '/operator/niches' },
            { label: localized(niche.name), to: `/operator/niches/${niche.id}` },
          ]}
        >
          {can('MANAGE_NICHES') ? (
            // A version that somebody else publishes meanwhile starts the form over.
            <RoutingEditor key={niche.version.id} niche={niche} />
          ) : (
            <Text c="dimmed">{t('common.noRight')}</Text>
          )}
        </Page>
      )}
    </ReadState>
  );
}
