import type { ReactNode } from 'react';
import { NotFound } from '../app/NotFound';
import type { Read } from '../lib/use-read';
import { ErrorState, LoadingState } from './states';

/**
 * The states of a page that shows one thing: loading, failed, not there, there. A thing that is
 * denied looks like one that does not exist.
 */
export function ReadState<Data, Thing>({
  read,
  pick,
  children,
}: {
  read: Read<Data>;
  pick: (data: Data) => Thing | null | undefined;
  children: (thing: Thing) => ReactNode;
}) {
  if (read.loading) return <LoadingState />;
  const thing = read.data === undefined ? null : pick(read.data);
  if (thing != null) return <>{children(thing)}</>;
  const codes = read.error?.graphQLErrors.map((each) => each.extensions.code) ?? [];
  const missing =
    codes.length > 0 && codes.every((code) => code === 'NOT_FOUND' || code === 'BAD_ID');
  if (read.error !== undefined && !missing) {
    return <ErrorState error={read.error} onRetry={read.reload} />;
  }
  return <NotFound />;
}
