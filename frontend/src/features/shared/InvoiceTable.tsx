import { Badge, Group } from '@mantine/core';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../components/DataTable';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { MoneyText, When } from '../../components/text';
import { MoneyFields, PageFields } from '../../lib/fragments';
import { graphql, type ResultOf } from '../../lib/graphql';
import { useConnection } from '../../lib/use-connection';
import { DocumentDownloads } from './DocumentParts';

const InvoicesQuery = graphql(
  `
    query Invoices($first: Int, $after: String) {
      documents(kind: INVOICE, first: $first, after: $after) {
        nodes {
          id
          number
          organization {
            id
            name
          }
          periodFrom
          periodTo
          issuedAt
          total {
            ...MoneyFields
          }
          isVoid
          voidReason
          creditNote {
            id
            number
            pdfUrl
            csvUrl
            jsonUrl
          }
          pdfUrl
          csvUrl
          jsonUrl
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [MoneyFields, PageFields],
);

export type Invoice = ResultOf<typeof InvoicesQuery>['documents']['nodes'][number];

/** Invoices with their downloads, newest first: the own ones, all for operators. */
export function InvoiceTable({
  buyers = false,
  actions,
}: {
  /** Whether to say whose they are. */
  buyers?: boolean;
  actions?: (invoice: Invoice) => ReactNode;
}) {
  const { t } = useTranslation();
  const list = useConnection(InvoicesQuery, {}, (data) => data.documents);
  return (
    <DataTable
      connection={list}
      rowKey={(row) => row.id}
      caption={t('shared.invoices.title')}
      empty={<EmptyState title={t('shared.invoices.none')} />}
      columns={[
        { id: 'number', header: t('shared.document.number'), cell: (row) => row.number },
        ...(buyers
          ? [
              {
                id: 'buyer',
                header: t('shared.buyer'),
                cell: (row: Invoice) => (
                  <IdLink id={row.organization.id}>{row.organization.name}</IdLink>
                ),
              },
            ]
          : []),
        {
          id: 'period',
          header: t('shared.period'),
          cell: (row) => (
            <>
              <When at={row.periodFrom} day /> – <When at={row.periodTo} day />
            </>
          ),
        },
        {
          id: 'total',
          header: t('shared.total'),
          align: 'right',
          cell: (row) => <MoneyText money={row.total} />,
        },
        {
          id: 'state',
          header: t('common.state'),
          cell: (row) => (
            <Badge variant="light" radius="sm" tt="none" color={row.isVoid ? 'red' : 'teal'}>
              {t(row.isVoid ? 'enums.StatementState.VOID' : 'shared.invoices.issued')}
            </Badge>
          ),
        },
        {
          id: 'files',
          header: t('shared.document.title'),
          cell: (row) => (
            <>
              <DocumentDownloads document={row} size="compact-xs" />
              {row.creditNote !== null && (
                <Group gap="xs" mt={4}>
                  {t('enums.DocumentKind.CREDIT_NOTE')} {row.creditNote.number}
                  <DocumentDownloads document={row.creditNote} size="compact-xs" />
                </Group>
              )}
            </>
          ),
        },
        ...(actions === undefined
          ? []
          : [{ id: 'actions', header: t('common.actions'), cell: actions }]),
      ]}
    />
  );
}
