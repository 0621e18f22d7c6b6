import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { SimpleTable } from '../../components/DataTable';
import { Page, Section } from '../../components/layout';
import { ReadState } from '../../components/ReadState';
import { EmptyState } from '../../components/states';
import { MoneyText } from '../../components/text';
import { MoneyFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useRead } from '../../lib/use-read';
import { isRail, ProfileForm } from './payout/ProfileForm';

const PayoutProfilesQuery = graphql(
  `
    query PayoutProfiles {
      payoutProfiles {
        currency
        rail
        detailsMasked
        account {
          holder
          country
          iban
          bic
          bik
          account
        }
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

type Profile = ResultOf<typeof PayoutProfilesQuery>['payoutProfiles'][number];

/** How the publisher is paid, one profile per currency. */
export function PayoutProfilePage() {
  const { t } = useTranslation();
  const can = useCan();
  const viewer = useViewer();
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
                country={viewer.organization.country ?? ''}
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

/** What may be shown of an account; words of an earlier version need to be entered anew. */
function Account({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const { account } = profile;
  if (account === null) {
    return (
      <>
        {profile.detailsMasked ?? '–'}
        {profile.rail === 'BANK_FILE' && (
          <Text size="xs" c="orange.9" maw={320}>
            {t('publisher.payout.enterAgain')}
          </Text>
        )}
      </>
    );
  }
  const number =
    account.iban === null
      ? `${t('publisher.payout.bik')} ${account.bik ?? '–'}, ${account.account ?? '–'}`
      : `IBAN ${account.iban}`;
  return (
    <>
      {number}
      <Text size="xs" c="dimmed">
        {[account.holder, account.country, account.bic].filter(Boolean).join(' · ')}
      </Text>
    </>
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
          cell: (row) => <Account profile={row} />,
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
