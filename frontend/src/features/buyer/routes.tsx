import type { AnyRoute } from '@tanstack/react-router';

/** The pages of the buyer workspace; each is a child of `workspaceRoute`. */
export const buyerRoutes: AnyRoute[] = [];
