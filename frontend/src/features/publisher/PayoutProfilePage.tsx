import { Button, Group, Select, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session';
import { SimpleTable } from '../../components/DataTable';
import { MoneyInput } from '../../components/forms';
import { Page, Section } from '../../components/layout';
import { ReadState } from '../../components/ReadState';
import { EmptyState, Problems } from '../../components/states';
import { MoneyText } from '../../components/text';
import { parseMoney } from '../../lib/format';
import { MoneyFields, UserErrorFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useAction } from '../../lib/use-action';
import { useRead } from '../../lib/use-read';

const PayoutProfilesQuery = graphql(
  `
    query PayoutProfiles {
      payoutProfiles {
        currency
        rail
        detailsMasked
        minPayout {
          ...MoneyFields
        }
      }
      niches {
        id
        currency
      }
    }
  `,
  [MoneyFields],
);

const SetPayoutProfile = graphql(
  `
    mutation SetPayoutProfile($input: SetPayoutProfileInput!) {
      setPayoutProfile(input: $input) {
        profile {
          currency
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

const RAILS = ['BANK_FILE', 'MANUAL'] as const;
type Rail = (typeof RAILS)[number];

type Profile = ResultOf<typeof PayoutProfilesQuery>['payoutProfiles'][number];

function isRail(name: string): name is Rail {
  return (RAILS as readonly string[]).includes(name);
}

/** How the publisher is paid, one profile per currency. */
export function PayoutProfilePage() {
  const { t } = useTranslation();
  const can = useCan();
  const read = useRead(PayoutProfilesQuery, {});
  return (
    <Page
      title={t('publisher.payout.title')}
      trail={[{ label: t('publisher.statements.title'), to: '/publisher/statements' }]}
    >
      <ReadState read={read} pick={(data) => data}>
        {({ payoutProfiles, niches }) => (
          <Stack>
            <Section>
              <Profiles profiles={payoutProfiles} />
            </Section>
            {can('MANAGE_PAYOUT_PROFILE') && (
              <ProfileForm
                currencies={[
                  ...new Set([
                    ...niches.map((niche) => niche.currency),
                    ...payoutProfiles.map((profile) => profile.currency),
                  ]),
                ]}
              />
            )}
          </Stack>
        )}
      </ReadState>
    </Page>
  );
}

function Profiles({ profiles }: { profiles: Profile[] }) {
  const { t } = useTranslation();
  if (profiles.length === 0) return <EmptyState title={t('publisher.payout.empty')} />;
  return (
    <SimpleTable
      rows={profiles}
      rowKey={(row) => row.currency}
      caption={t('publisher.payout.title')}
      columns={[
        { id: 'currency', header: t('common.currency'), cell: (row) => row.currency },
        {
          id: 'rail',
          header: t('publisher.payout.rail'),
          cell: (row) => (isRail(row.rail) ? t(`publisher.payout.rails.${row.rail}`) : row.rail),
        },
        {
          id: 'details',
          header: t('publisher.payout.details'),
          cell: (row) => row.detailsMasked ?? '–',
        },
        {
          id: 'min',
          header: t('publisher.payout.min'),
          align: 'right',
          cell: (row) => <MoneyText money={row.minPayout} />,
        },
      ]}
    />
  );
}

function ProfileForm({ currencies }: { currencies: string[] }) {
  const { t } = useTranslation();
  const save = useAction(SetPayoutProfile);
  const [currency, setCurrency] = useState(currencies[0] ?? '');
  const [rail, setRail] = useState<Rail>('BANK_FILE');
  const [details, setDetails] = useState('');
  const [min, setMin] = useState('');
  const minor = min.trim() === '' ? null : parseMoney(min, currency);
  const bad = min.trim() !== '' && minor === null;
  const submit = async () => {
    const outcome = await save.run({
      currency,
      rail,
      details: details.trim() === '' ? null : details.trim(),
      minPayout: minor === null ? null : { minor, currency },
    });
    if (!outcome.ok) return;
    setDetails('');
    notifications.show({ color: 'teal', message: t('publisher.payout.saved') });
  };
  if (currencies.length === 0) return null;
  return (
    <Section title={t('publisher.payout.change')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!bad) void submit();
        }}
      >
        <Stack maw={520}>
          <Select
            label={t('common.currency')}
            allowDeselect={false}
            data={currencies}
            value={currency}
            onChange={(next) => setCurrency(next ?? currency)}
          />
          <Select
            label={t('publisher.payout.rail')}
            allowDeselect={false}
            data={RAILS.map((value) => ({ value, label: t(`publisher.payout.rails.${value}`) }))}
            value={rail}
            onChange={(next) => {
              if (next !== null && isRail(next)) setRail(next);
            }}
          />
          <Textarea
            label={t('publisher.payout.details')}
            description={t('publisher.payout.detailsHint')}
            autosize
            minRows={3}
            autoComplete="off"
            value={details}
            onChange={(event) => setDetails(event.currentTarget.value)}
          />
          <MoneyInput
            label={t('publisher.payout.min')}
            description={t('publisher.payout.minHint')}
            currency={currency}
            value={min}
            onValue={setMin}
          />
          <Text size="xs" c="dimmed">
            {t('publisher.payout.sealed')}
          </Text>
          <Problems problems={save.problems} />
          <Group>
            <Button type="submit" loading={save.running} disabled={bad}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
