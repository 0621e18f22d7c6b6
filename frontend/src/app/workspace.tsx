import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { Provider as UrqlProvider } from 'urql';
import { makeClient } from '../lib/client';
import { setActingOrganization } from '../lib/session-store';

interface WorkspaceControl {
  /** Forgets everything that was read, and reads it again for this organization. */
  restart: (organization: string | null) => void;
}

const WorkspaceContext = createContext<WorkspaceControl>({ restart: () => undefined });

/** One GraphQL client per session and acting organization: no answer outlives a switch. */
export function WorkspaceProvider({ children }: { children: ReactNode }) {
  const [connection, setConnection] = useState(() => ({ ...makeClient(), generation: 0 }));
  useEffect(() => connection.close, [connection]);
  const restart = useCallback((organization: string | null) => {
    setActingOrganization(organization);
    setConnection((old) => ({ ...makeClient(), generation: old.generation + 1 }));
  }, []);
  return (
    <WorkspaceContext.Provider value={{ restart }}>
      <UrqlProvider value={connection.client} key={connection.generation}>
        {children}
      </UrqlProvider>
    </WorkspaceContext.Provider>
  );
}

export function useWorkspace(): WorkspaceControl {
  return useContext(WorkspaceContext);
}
