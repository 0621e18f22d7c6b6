import type { RowData } from '@tanstack/react-table';
import type { ComponentProps } from 'react';
import type { Read } from '../lib/use-read';
import { SimpleTable } from './DataTable';
import { ReadState } from './ReadState';
import { EmptyState } from './states';

type Table<Row extends RowData> = ComponentProps<typeof SimpleTable<Row>>;

/** A whole list as a table: loading, failed, empty, filled. */
export function ReadTable<Data, Row extends RowData>({
  read,
  pick,
  empty,
  ...table
}: Omit<Table<Row>, 'rows'> & {
  read: Read<Data>;
  pick: (data: Data) => readonly Row[] | null | undefined;
  /** What an empty list says; left out where a list is never empty. */
  empty?: string;
}) {
  return (
    <ReadState read={read} pick={pick}>
      {(rows) =>
        rows.length === 0 ? (
          <EmptyState {...(empty === undefined ? {} : { title: empty })} />
        ) : (
          <SimpleTable {...table} rows={rows} />
        )
      }
    </ReadState>
  );
}
