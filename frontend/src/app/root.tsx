import {
  createRootRoute,
  createRoute,
  Outlet,
  useLocation,
  useNavigate,
} from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { NotFound } from './NotFound';
import { useSession } from './session';
import { Shell } from './Shell';

/** The root of all routes. */
export const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

/** Goes to the sign-in page once, remembering the address that was asked for. */
function ToSignIn() {
  const { href } = useLocation();
  const navigate = useNavigate();
  const asked = useRef(href);
  useEffect(() => {
    void navigate({ to: '/sign-in', search: { next: asked.current }, replace: true });
  }, [navigate]);
  return null;
}

function Workspace() {
  const { viewer } = useSession();
  if (viewer === null) return <ToSignIn />;
  return (
    <Shell viewer={viewer}>
      <Outlet />
    </Shell>
  );
}

/** Parent of every page that needs somebody signed in. */
export const workspaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'workspace',
  component: Workspace,
  notFoundComponent: NotFound,
});
