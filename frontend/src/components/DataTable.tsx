import { Button, Center, Table } from '@mantine/core';
import { createColumnHelper, type RowData, tableFeatures, useTable } from '@tanstack/react-table';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Connection } from '../lib/use-connection';
import { EmptyState, ErrorState, LoadingState } from './states';

const features = tableFeatures({});

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  align?: 'left' | 'right';
}

interface TableProps<Row> {
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  caption?: string;
}

/** Rows that are already there. */
export function SimpleTable<Row extends RowData>({
  columns,
  rows,
  rowKey,
  caption,
}: TableProps<Row>) {
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, Row>();
    return helper.columns(
      columns.map((column) => helper.display({ id: column.id, header: column.header })),
    );
  }, [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: rowKey });
  const align = new Map(columns.map((column) => [column.id, column.align ?? 'left']));
  return (
    <Table.ScrollContainer
      minWidth={560}
      // A wide table scrolls on a phone, by keyboard too.
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': caption } }}
    >
      <Table
        highlightOnHover
        verticalSpacing="xs"
        {...(caption === undefined ? {} : { 'aria-label': caption })}
      >
        <Table.Thead>
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id}>
              {group.headers.map((header) => (
                <Table.Th key={header.id} ta={align.get(header.column.id) ?? 'left'} scope="col">
                  <table.FlexRender header={header} />
                </Table.Th>
              ))}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody>
          {table.getRowModel().rows.map((row) => (
            <Table.Tr key={row.id}>
              {
                // The cell's function is called, not mounted: as a component it would be another
                // one after each reading, and a dialog that stands open in it would be gone.
                columns.map((column) => (
                  <Table.Td key={column.id} ta={column.align ?? 'left'}>
                    {column.cell(row.original)}
                  </Table.Td>
                ))
              }
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** A connection as a table: loading, failed, empty, filled, and "load more". */
export function DataTable<Row extends RowData>({
  connection,
  empty,
  ...table
}: Omit<TableProps<Row>, 'rows'> & { connection: Connection<Row>; empty?: ReactNode }) {
  const { t } = useTranslation();
  if (connection.loading) return <LoadingState />;
  if (connection.error !== undefined && connection.nodes.length === 0) {
    return <ErrorState error={connection.error} onRetry={connection.reload} />;
  }
  if (connection.nodes.length === 0) return <>{empty ?? <EmptyState />}</>;
  return (
    <>
      <SimpleTable {...table} rows={connection.nodes} />
      {connection.error !== undefined && (
        <ErrorState error={connection.error} onRetry={connection.reload} />
      )}
      {connection.hasMore && (
        <Center mt="md">
          <Button variant="default" onClick={connection.more} loading={connection.loadingMore}>
            {t('common.more')}
          </Button>
        </Center>
      )}
    </>
  );
}
