import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { ErrorBoundary } from './ErrorBoundary';
import { LookProviders } from './providers';
import { makeRouter } from './router';
import { SessionProvider } from './session';
import { WorkspaceProvider } from './workspace';

export function App() {
  const [router] = useState(makeRouter);
  return (
    <LookProviders>
      <ErrorBoundary>
        <WorkspaceProvider>
          <SessionProvider>
            <RouterProvider router={router} />
          </SessionProvider>
        </WorkspaceProvider>
      </ErrorBoundary>
    </LookProviders>
  );
}
