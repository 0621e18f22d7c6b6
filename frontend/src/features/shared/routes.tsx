import type { AnyRoute } from '@tanstack/react-router';

/** Pages that every role shares: one page per noun, showing what the reader may see. */
export const sharedRoutes: AnyRoute[] = [];
