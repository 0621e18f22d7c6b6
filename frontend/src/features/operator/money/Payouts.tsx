import { Select, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { DataTable } from '../../../components/DataTable';
import { EnumFilter, FilterBar } from '../../../components/filters';
import { Page } from '../../../components/layout';
import { ButtonLink, Copyable, IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { MoneyText, useWord, When } from '../../../components/text';
import { enums } from '../../../i18n/en/enums';
import { MoneyFields, PageFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { oneOf, useUrlState } from '../../../lib/use-url-state';
import {
  PayoutActions,
  PayoutStateText,
  ProofDownload,
  UnknownHelp,
} from '../../shared/PayoutParts';

const Query = graphql(
  `
    query OperatorPayouts($state: PayoutState, $rail: String, $first: Int, $after: String) {
      payouts(state: $state, rail: $rail, first: $first, after: $after) {
        nodes {
          id
          amount {
            ...MoneyFields
          }
          rail
          state
          generation
          reference
          reason
          endToEndId
          exportedAt
          sentAt
          resolvedAt
          proof {
            fileName
          }
          statement {
            id
            number
            publisher {
              id
              name
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

type Payout = ResultOf<typeof Query>['payouts']['nodes'][number];

const RAILS = ['BANK_FILE', 'MANUAL'] as const;

/** Every payout; those of which nobody knows what became wait for a person. */
export function Payouts() {
  const { t } = useTranslation();
  const can = useCan();
  const word = useWord();
  const url = useUrlState(['state', 'rail']);
  const state = oneOf(url.filters.state, enums.PayoutState) ?? null;
  const rail = RAILS.find((each) => each === url.filters.rail) ?? null;
  const list = useConnection(Query, { state, rail }, (data) => data.payouts, url.paging);
  return (
    <Page
      title={t('shared.payouts')}
      actions={
        <ButtonLink to="/operator/bank-answers" variant="default">
          {t('operator.bank.title')}
        </ButtonLink>
      }
    >
      {list.nodes.some((each) => each.state === 'UNKNOWN') && <UnknownHelp />}
      <FilterBar>
        <EnumFilter
          of="PayoutState"
          label={t('common.state')}
          value={url.filters.state}
          onChange={(value) => url.setFilter('state', value)}
        />
        <Select
          label={t('shared.rail')}
          w={190}
          clearable
          placeholder={t('common.all')}
          data={RAILS.map((value) => ({ value, label: word('rails', value) }))}
          value={rail}
          onChange={(value) => url.setFilter('rail', value)}
        />
      </FilterBar>
      <DataTable
        connection={list}
        rowKey={(row) => row.id}
        caption={t('shared.payouts')}
        empty={<EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />}
        columns={[
          {
            id: 'publisher',
            header: t('shared.publisher'),
            cell: (row) => (
              <IdLink id={row.statement.publisher.id}>{row.statement.publisher.name}</IdLink>
            ),
          },
          {
            id: 'statement',
            header: t('shared.statement'),
            cell: (row) => (
              <IdLink id={row.statement.id}>{row.statement.number ?? undefined}</IdLink>
            ),
          },
          {
            id: 'amount',
            header: t('common.amount'),
            align: 'right',
            cell: (row) => <MoneyText money={row.amount} />,
          },
          { id: 'rail', header: t('shared.rail'), cell: (row) => word('rails', row.rail) },
          {
            id: 'state',
            header: t('common.state'),
            cell: (row) => <PayoutStateText payout={row} />,
          },
          {
            id: 'reference',
            header: t('shared.reference'),
            cell: (row) => (
              <Stack gap={4} align="flex-start">
                {row.reference ?? '–'}
                <Copyable value={row.endToEndId} />
                {row.proof !== null && (
                  <ProofDownload payoutId={row.id} name={row.proof.fileName} />
                )}
              </Stack>
            ),
          },
          {
            id: 'when',
            header: t('common.changed'),
            cell: (row) => <When at={row.resolvedAt ?? row.sentAt ?? row.exportedAt} />,
          },
          ...(can('SETTLE')
            ? [
                {
                  id: 'actions',
                  header: t('common.actions'),
                  cell: (row: Payout) => <PayoutActions payout={row} />,
                },
              ]
            : []),
        ]}
      />
    </Page>
  );
}
