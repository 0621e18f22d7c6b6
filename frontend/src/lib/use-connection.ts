import { useCallback, useEffect, useRef, useState } from 'react';
import { type CombinedError, type TypedDocumentNode, useClient } from 'urql';
import { useOnChange } from './live';

/** What a list query answers: one page of a connection. */
export interface Page<Node> {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Paging {
  first?: number | null;
  after?: string | null;
}

export interface Connection<Node> {
  nodes: Node[];
  loading: boolean;
  loadingMore: boolean;
  error: CombinedError | undefined;
  hasMore: boolean;
  more: () => void;
  reload: () => void;
}

const PAGE = 25;

/**
 * A list that grows by "load more". Pages are read one after the other, each from the cursor where
 * the last one ended, so a list that is read again after a change has no holes and no repeats.
 * `pages` is how many were open (from the URL), `onPages` tells that there is one more.
 */
export function useConnection<Data, Variables extends Paging, Node>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, 'first' | 'after'>,
  pick: (data: Data) => Page<Node> | null | undefined,
  paging: { pages?: number; onPages?: (pages: number) => void; pause?: boolean } = {},
): Connection<Node> {
  const client = useClient();
  const key = JSON.stringify(variables);
  const pause = paging.pause ?? false;
  const [state, setState] = useState({
    key: null as string | null,
    nodes: [] as Node[],
    hasMore: false,
    error: undefined as CombinedError | undefined,
  });
  const [busy, setBusy] = useState(!pause);
  const run = useRef(0);
  const latest = useRef({ variables, pick });
  useEffect(() => {
    latest.current = { variables, pick };
  });
  const open = useRef(paging.pages ?? 1);

  const load = useCallback(async () => {
    if (pause) return;
    run.current += 1;
    const mine = run.current;
    setBusy(true);
    const nodes: Node[] = [];
    let after: string | null = null;
    let hasMore = true;
    let error: CombinedError | undefined;
    for (let page = 0; page < open.current && hasMore; page += 1) {
      const vars = { ...latest.current.variables, first: PAGE, after } as unknown as Variables;
      const result = await client.query(query, vars, { requestPolicy: 'network-only' }).toPromise();
      if (mine !== run.current) return;
      error = result.error;
      const connection = result.data === undefined ? null : latest.current.pick(result.data);
      if (error !== undefined || connection == null) {
        hasMore = false;
        break;
      }
      nodes.push(...connection.nodes);
      hasMore = connection.pageInfo.hasNextPage;
      after = connection.pageInfo.endCursor;
    }
    setState({ key, nodes, hasMore, error });
    setBusy(false);
  }, [client, key, pause, query]);

  useEffect(() => {
    void load();
    return () => {
      run.current += 1;
    };
  }, [load]);
  useOnChange(() => void load());

  const fresh = state.key === key;
  return {
    nodes: fresh ? state.nodes : [],
    loading: busy && !fresh,
    loadingMore: busy && fresh,
    error: fresh ? state.error : undefined,
    hasMore: fresh && state.hasMore,
    more: () => {
      open.current += 1;
      paging.onPages?.(open.current);
      void load();
    },
    reload: () => void load(),
  };
}
