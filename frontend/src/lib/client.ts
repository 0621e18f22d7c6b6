import { createClient as createSocket, type Client as Socket } from 'graphql-ws';
import {
  type Client,
  cacheExchange,
  createClient,
  fetchExchange,
  mapExchange,
  subscriptionExchange,
} from 'urql';
import { announceChange } from './live';
import { actingOrganization, csrfToken } from './session-store';

const ENDPOINT = '/graphql';

/** Headers of the acting organization and, for the cookie session, the CSRF token. */
export function requestHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const token = csrfToken();
  const organization = actingOrganization();
  if (token !== null) headers['X-CSRF-Token'] = token;
  if (organization !== null) headers['X-Organization'] = organization;
  return headers;
}

function openSocket(): Socket {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  return createSocket({
    url: `${scheme}://${window.location.host}${ENDPOINT}`,
    lazy: true,
    connectionParams: () => ({ organization: actingOrganization() }),
    retryAttempts: 20,
    // 44xx are verdicts of the server (signed out, rights changed): asking again changes nothing.
    shouldRetry: (event) =>
      !(event instanceof CloseEvent && event.code >= 4400 && event.code < 4500),
  });
}

/** A client for one session and one acting organization; a switch makes a new one. */
export function makeClient(): { client: Client; close: () => void } {
  const socket = openSocket();
  const client = createClient({
    url: ENDPOINT,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: () => ({ credentials: 'same-origin', headers: requestHeaders() }),
    exchanges: [
      cacheExchange,
      mapExchange({
        onResult(result) {
          if (result.operation.kind === 'mutation' && result.error === undefined) {
            queueMicrotask(announceChange);
          }
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription(request) {
          const input = { ...request, query: request.query ?? '' };
          return {
            subscribe(sink) {
              return { unsubscribe: socket.subscribe(input, sink) };
            },
          };
        },
      }),
    ],
  });
  return { client, close: () => void socket.dispose() };
}
