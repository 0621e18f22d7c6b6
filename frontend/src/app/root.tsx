import {
  createRootRoute,
  createRoute,
  Navigate,
  Outlet,
  useLocation,
} from '@tanstack/react-router';
import { NotFound } from './NotFound';
import { useSession } from './session';
import { Shell } from './Shell';

/** The root of all routes. */
export const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

function Workspace() {
  const { viewer } = useSession();
  const location = useLocation();
  if (viewer === null) {
    return <Navigate to="/sign-in" search={{ next: location.href }} replace />;
  }
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
