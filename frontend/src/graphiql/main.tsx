import 'graphiql/style.css';
import './page.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';

const ENDPOINT = '/graphql';

const WELCOME = `# The demo market, with the rights of whoever is signed in at /
# (or of the API key that you put into the headers below as "Authorization": "Bearer …").
query Welcome {
  viewer {
    user { name }
    organization { name kind }
    permissions
  }
  niches { id slug name { en } currency }
}
`;

/** The token that mutations of the cookie session must repeat. */
async function csrfHeaders(): Promise<Record<string, string>> {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { csrfToken } }' }),
  });
  const answer = (await response.json()) as { data?: { viewer?: { csrfToken: string } | null } };
  const token = answer.data?.viewer?.csrfToken;
  return token === undefined ? {} : { 'X-CSRF-Token': token };
}

const fetcher = createGraphiQLFetcher({
  url: ENDPOINT,
  fetch: async (input: RequestInfo | URL, init?: RequestInit) =>
    fetch(input, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), ...(await csrfHeaders()) },
    }),
  wsClient: createClient({
    url: `${window.location.origin.replace(/^http/, 'ws')}${ENDPOINT}`,
    lazy: true,
  }),
});

const root = document.getElementById('graphiql');
if (root !== null) {
  createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={WELCOME} />);
}
