import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { asLanguage, chooseLanguage, i18n } from '../i18n';
import { graphql, type ResultOf } from '../lib/graphql';
import type { Reader } from '../lib/ids';
import type { Permission } from '../lib/permissions';
import { actingOrganization, setActingOrganization, setCsrfToken } from '../lib/session-store';
import { useRead } from '../lib/use-read';
import { ErrorState, LoadingState } from '../components/states';

export const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      csrfToken
      permissions
      role
      user {
        id
        email
        name
        locale
      }
      organization {
        id
        name
        kind
        state
        timeZone
        country
      }
      memberships {
        id
        role
        organization {
          id
          name
          kind
          state
        }
      }
    }
  }
`);

export type Viewer = NonNullable<ResultOf<typeof ViewerQuery>['viewer']>;

export interface Session {
  viewer: Viewer | null;
  can: (permission: Permission) => boolean;
  reload: () => void;
}

const SessionContext = createContext<Session | null>(null);

/** Reads who is signed in before anything else is shown. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const read = useRead(ViewerQuery, {});
  const viewer = read.data?.viewer ?? null;

  useEffect(() => {
    if (read.data === undefined) return;
    setCsrfToken(viewer?.csrfToken ?? null);
    if (viewer === null) return;
    const locale = asLanguage(viewer.user.locale);
    if (locale !== asLanguage(i18n.language)) void chooseLanguage(locale);
  }, [read.data, viewer]);

  // A remembered organization may have been left since: fall back to the server's choice.
  const remembered = actingOrganization();
  const lost = read.error !== undefined && read.data === undefined && remembered !== null;
  const { reload } = read;
  useEffect(() => {
    if (!lost) return;
    setActingOrganization(null);
    reload();
  }, [lost, reload]);

  const session = useMemo<Session>(() => {
    // Set here too, so that children's first requests already carry it.
    setCsrfToken(viewer?.csrfToken ?? null);
    return {
      viewer,
      can: (permission) => viewer?.permissions.includes(permission) ?? false,
      reload,
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- reload is new at each render
  }, [viewer]);

  if (read.loading || lost) return <LoadingState />;
  if (read.error !== undefined && read.data === undefined) {
    return <ErrorState error={read.error} onRetry={read.reload} />;
  }
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession needs a SessionProvider');
  return session;
}

/** The signed-in person; only for pages inside the workspace. */
export function useViewer(): Viewer {
  const { viewer } = useSession();
  if (viewer === null) throw new Error('useViewer needs somebody signed in');
  return viewer;
}

export function useCan(): Session['can'] {
  return useSession().can;
}

/** Who reads, for the addresses of ids. */
export function readerOf(viewer: Viewer): Reader {
  return { kind: viewer.organization.kind, organization: viewer.organization.id };
}

/** Gives tests a session without a server. */
export function FixedSession({ session, children }: { session: Session; children: ReactNode }) {
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}
