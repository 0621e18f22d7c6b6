import type { AnyRoute } from '@tanstack/react-router';

/** The pages of the operator workspace; each is a child of `workspaceRoute`. */
export const operatorRoutes: AnyRoute[] = [];
