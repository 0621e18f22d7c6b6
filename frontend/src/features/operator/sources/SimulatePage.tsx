import { Alert, Button, Checkbox, Grid, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../../components/DataTable';
import { Page, Section } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { type FieldValues, NicheForm } from '../../../components/NicheForm';
import { ReadState } from '../../../components/ReadState';
import { EmptyState, Problems } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { MoneyText, useLocalized } from '../../../components/text';
import { useAction } from '../../../lib/use-action';
import { useRead } from '../../../lib/use-read';
import { useRouteId } from '../../../lib/use-route-id';
import { Explanations } from '../../shared/Explanations';
import { BidLog } from '../../shared/BidLog';
import { LeadReasons } from '../../shared/LeadParts';
import { exampleOf } from './example';
import {
  SimulateLead,
  type SimulatedSource,
  SimulatedSourceQuery,
  type Simulation,
} from './queries';

/** What would become of a lead of this source now, and why: nothing of it is stored. */
export function SimulatePage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const read = useRead(SimulatedSourceQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.source}>
      {(source) => (
        <Page
          title={t('operator.simulate.title')}
          trail={[
            { label: t('operator.sources.title'), to: '/operator/sources' },
            { label: source.name, to: `/operator/sources/${source.id}` },
          ]}
        >
          <Simulator key={source.id} source={source} />
        </Page>
      )}
    </ReadState>
  );
}

function Simulator({ source }: { source: SimulatedSource }) {
  const { t } = useTranslation();
  const simulate = useAction(SimulateLead);
  const [values, setValues] = useState<FieldValues>(() => exampleOf(source.postingSpecification));
  const [consent, setConsent] = useState(true);
  const [found, setFound] = useState<Simulation | null>(null);
  const ask = async () => {
    const outcome = await simulate.run({ sourceId: source.id, fields: values, consent });
    setFound(outcome.ok ? outcome.payload.simulation : null);
  };
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Section title={t('operator.simulate.lead')}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void ask();
            }}
            noValidate
          >
            <Stack>
              <Text size="sm">{t('operator.simulate.text')}</Text>
              <NicheForm
                fields={source.niche.version.fields}
                values={values}
                onChange={setValues}
              />
              <Checkbox
                label={t('operator.simulate.consent')}
                checked={consent}
                onChange={(event) => setConsent(event.currentTarget.checked)}
              />
              <Problems problems={simulate.problems} />
              <Group justify="flex-end">
                <Button type="submit" loading={simulate.running}>
                  {t('operator.simulate.send')}
                </Button>
              </Group>
            </Stack>
          </form>
        </Section>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 7 }} aria-live="polite">
        {found === null ? (
          <EmptyState title={t('operator.simulate.nothing')} />
        ) : (
          <Found source={source} found={found} />
        )}
      </Grid.Col>
    </Grid>
  );
}

function Found({ source, found }: { source: SimulatedSource; found: Simulation }) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const { verdict, sales, trace, wouldHaveSold } = found;
  const { fields } = source.niche.version;
  return (
    <Stack>
      <Section
        title={t('operator.simulate.verdict')}
        actions={<StatusBadge of="LeadState" value={verdict.state} />}
      >
        <Stack>
          <Text size="sm">
            {t('operator.simulate.score', { score: verdict.score ?? 0 })} ·{' '}
            {localized(source.niche.name)}
          </Text>
          <LeadReasons lead={verdict} />
          {sales.length > 0 && (
            <SimpleTable
              rows={sales}
              rowKey={(row) => String(row.copyNo)}
              caption={t('operator.simulate.sales')}
              columns={[
                {
                  id: 'copy',
                  header: t('shared.copyNo'),
                  align: 'right',
                  cell: (row) => row.copyNo,
                },
                {
                  id: 'offer',
                  header: t('shared.offer'),
                  cell: (row) => <IdLink id={row.offer.id}>{row.offer.name}</IdLink>,
                },
                {
                  id: 'price',
                  header: t('shared.price'),
                  align: 'right',
                  cell: (row) => <MoneyText money={row.price} />,
                },
                {
                  id: 'earning',
                  header: t('shared.earning'),
                  align: 'right',
                  cell: (row) => <MoneyText money={row.earning} />,
                },
              ]}
            />
          )}
          {sales.length === 0 && wouldHaveSold.length > 0 && (
            <Alert color="blue" title={t('shared.explain.missTitle')}>
              <Explanations list={wouldHaveSold} fields={fields} />
            </Alert>
          )}
        </Stack>
      </Section>
      {sales.map((sale) => (
        <Section key={sale.copyNo} title={`${t('shared.explain.whyTitle')}: ${sale.offer.name}`}>
          <Explanations list={sale.whyThisPrice} fields={fields} />
        </Section>
      ))}
      <BidLog
        trace={trace}
        fields={fields}
        currency={source.niche.currency}
        score={verdict.score ?? 0}
      />
    </Stack>
  );
}
