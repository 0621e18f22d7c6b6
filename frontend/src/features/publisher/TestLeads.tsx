import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../components/DataTable';
import { Section } from '../../components/layout';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { MoneyText, When } from '../../components/text';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { useReasonText } from '../shared/reasons';

const TestLeadsQuery = graphql(
  `
    query TestLeads($sourceId: ID, $first: Int, $after: String) {
      testLeads(sourceId: $sourceId, first: $first, after: $after) {
        nodes {
          id
          state
          receivedAt
          verdict {
            reasons {
              code
              path
              message
            }
            awards {
              awardId
              earning {
                ...MoneyFields
              }
            }
          }
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

/** The test leads of a source, with what they were answered. */
export function TestLeads({ source }: { source: string }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const rows = useConnection(TestLeadsQuery, { sourceId: source }, (data) => data.testLeads);
  return (
    <Section title={t('publisher.tests.title')}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('publisher.tests.text')}
        </Text>
        <DataTable
          connection={rows}
          rowKey={(row) => row.id}
          caption={t('publisher.tests.title')}
          empty={<EmptyState title={t('publisher.tests.empty')} />}
          columns={[
            {
              id: 'received',
              header: t('shared.received'),
              cell: (row) => <When at={row.receivedAt} />,
            },
            {
              id: 'state',
              header: t('common.state'),
              cell: (row) => <StatusBadge of="LeadState" value={row.state} />,
            },
            {
              id: 'reasons',
              header: t('shared.reason'),
              cell: (row) => row.verdict.reasons.map((reason) => reasonText(reason)).join(' '),
            },
            {
              id: 'earning',
              header: t('publisher.tests.earning'),
              align: 'right',
              cell: (row) => <MoneyText money={row.verdict.awards[0]?.earning ?? null} />,
            },
          ]}
        />
      </Stack>
    </Section>
  );
}
