import { Code, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../../components/DataTable';
import { JsonView } from '../../../components/JsonView';
import { Page } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState } from '../../../components/states';
import { Actor, When } from '../../../components/text';
import { PageFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';
import { idPrefix, shortId } from '../../../lib/ids';
import { useConnection } from '../../../lib/use-connection';
import { useUrlState } from '../../../lib/use-url-state';
import { Cause } from '../ledger/Cause';

const AuditQuery = graphql(
  `
    query AuditLog($subject: String, $first: Int, $after: String) {
      auditLog(subject: $subject, first: $first, after: $after) {
        nodes {
          id
          organization {
            id
            name
          }
          actor
          action
          subject
          detail
          at
          hash
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

function isEmpty(detail: unknown): boolean {
  return detail == null || (typeof detail === 'object' && Object.keys(detail).length === 0);
}

/** Who did what to what; each entry's hash covers the one before it on its day. */
export function AuditLog() {
  const { t } = useTranslation();
  const url = useUrlState(['subject']);
  const [subject, setSubject] = useState(url.filters.subject ?? '');
  const search = useDebouncedCallback((text: string) => url.setFilter('subject', text.trim()), 300);
  const list = useConnection(
    AuditQuery,
    { subject: url.filters.subject ?? null },
    (data) => data.auditLog,
    url.paging,
  );
  return (
    <Page title={t('operator.audit.title')}>
      <TextInput
        maw={420}
        label={t('operator.audit.subject')}
        placeholder="ofr_…"
        value={subject}
        onChange={(event) => {
          setSubject(event.currentTarget.value);
          search(event.currentTarget.value);
        }}
      />
      <DataTable
        connection={list}
        empty={<EmptyState title={url.filtered ? t('common.emptyFiltered') : t('common.empty')} />}
        rowKey={(row) => row.id}
        columns={[
          { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
          {
            id: 'organization',
            header: t('operator.audit.organization'),
            cell: (row) =>
              row.organization === null ? (
                '–'
              ) : (
                <IdLink id={row.organization.id}>{row.organization.name}</IdLink>
              ),
          },
          { id: 'actor', header: t('common.actor'), cell: (row) => <Actor name={row.actor} /> },
          { id: 'action', header: t('common.action'), cell: (row) => <Code>{row.action}</Code> },
          {
            id: 'subject',
            header: t('operator.audit.subject'),
            cell: (row) =>
              // A membership has no page: it stands among the members of its organization.
              row.organization !== null && idPrefix(row.subject) === 'mem' ? (
                <IdLink id={row.organization.id}>{shortId(row.subject)}</IdLink>
              ) : (
                <Cause cause={row.subject} />
              ),
          },
          {
            id: 'detail',
            header: t('common.details'),
            cell: (row) => (isEmpty(row.detail) ? '–' : <JsonView value={row.detail} fold={60} />),
          },
          {
            id: 'hash',
            header: t('shared.hash'),
            cell: (row) => <Code title={row.hash}>{row.hash.slice(0, 10)}…</Code>,
          },
        ]}
      />
    </Page>
  );
}
