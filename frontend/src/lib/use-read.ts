import {
  type AnyVariables,
  type CombinedError,
  type GraphQLRequestParams,
  type TypedDocumentNode,
  useQuery,
} from 'urql';
import { useOnChange } from './live';

export interface Read<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
  /** True only while there is nothing to show yet. */
  loading: boolean;
  reload: () => void;
}

/** Reads a query and reads it again after every change. */
export function useRead<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  options: { pause?: boolean } = {},
): Read<Data> {
  const pause = options.pause ?? false;
  const args = { query, variables, pause } as GraphQLRequestParams<Data, Variables> & {
    pause: boolean;
  };
  const [result, execute] = useQuery<Data, Variables>(args);
  const reload = () => {
    if (!pause) execute({ requestPolicy: 'network-only' });
  };
  useOnChange(reload);
  return {
    data: result.data,
    error: result.error,
    loading: result.fetching && result.data === undefined,
    reload,
  };
}
