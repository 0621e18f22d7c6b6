import { createMemoryHistory, createRouter, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import { vi } from 'vitest';
import { LookProviders } from '../app/providers';
import { makeRouteTree } from '../app/router';
import { SessionProvider, type Viewer } from '../app/session';
import { WorkspaceProvider } from '../app/workspace';
import type { Kind } from '../lib/ids';

type Answer = Record<string, unknown>;
type Answers = Record<string, (variables: Record<string, unknown>) => Answer>;

export interface Request {
  name: string;
  variables: Record<string, unknown>;
  headers: Headers;
}

const PERMISSIONS = [
  'READ_OWN',
  'READ_LEADS',
  'REVEAL_CONTACTS',
  'DECIDE_DISPUTES',
  'READ_MONEY',
  'MODERATE',
  'MANAGE_NICHES',
  'RECORD_MONEY',
  'SETTLE',
  'READ_LEDGER',
  'READ_AUDIT',
];

/** Somebody signed in, for tests. */
export function viewerOf(kind: Kind): Viewer {
  const organization = {
    __typename: 'Organization' as const,
    id: 'org_1',
    name: 'Test organization',
    kind,
    state: 'ACTIVE' as const,
    timeZone: 'UTC',
    country: null,
  };
  return {
    csrfToken: 'csrf-1',
    permissions: PERMISSIONS,
    role: 'ADMIN',
    user: { id: 'usr_1', email: 'anna@example.com', name: 'Anna', locale: 'en' },
    organization,
    memberships: [{ id: 'mem_1', role: 'ADMIN', organization }],
  };
}

/** Renders the whole application at an address, over a server that answers from a table. */
export function renderApp(path: string, answers: Answers, viewer: Viewer | null) {
  const requests: Request[] = [];
  const fetcher = vi.fn((_url: string, init: RequestInit) => {
    const body = JSON.parse(init.body as string) as {
      operationName: string;
      variables?: Record<string, unknown>;
    };
    const variables = body.variables ?? {};
    requests.push({
      name: body.operationName,
      variables,
      headers: new Headers(init.headers),
    });
    const answer =
      answers[body.operationName]?.(variables) ??
      (body.operationName === 'Viewer' ? { data: { viewer } } : null);
    if (answer === null) throw new Error(`no answer for ${body.operationName}`);
    return Promise.resolve(
      new Response(JSON.stringify(answer), {
        headers: { 'content-type': 'application/graphql-response+json' },
      }),
    );
  });
  vi.stubGlobal('fetch', fetcher);
  const router = createRouter({
    routeTree: makeRouteTree(),
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  const screen = render(
    <LookProviders>
      <WorkspaceProvider>
        <SessionProvider>
          <RouterProvider router={router} />
        </SessionProvider>
      </WorkspaceProvider>
    </LookProviders>,
  );
  return { ...screen, requests, router };
}

/** One page of a connection. */
export function page(nodes: unknown[], endCursor: string | null = null) {
  return { nodes, pageInfo: { hasNextPage: endCursor !== null, endCursor } };
}
