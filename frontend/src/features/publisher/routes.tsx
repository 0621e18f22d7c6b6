import type { AnyRoute } from '@tanstack/react-router';

/** The pages of the publisher workspace; each is a child of `workspaceRoute`. */
export const publisherRoutes: AnyRoute[] = [];
