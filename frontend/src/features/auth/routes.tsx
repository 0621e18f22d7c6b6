import { type AnyRoute, createRoute } from '@tanstack/react-router';
import { rootRoute } from '../../app/root';
import { SignIn } from './SignIn';
import { SignUp } from './SignUp';

export const authRoutes: AnyRoute[] = [
  createRoute({ getParentRoute: () => rootRoute, path: '/sign-in', component: SignIn }),
  createRoute({ getParentRoute: () => rootRoute, path: '/sign-up', component: SignUp }),
];
