import { useParams } from '@tanstack/react-router';

/** The id in the address of a detail page (`…/$id`). */
export function useRouteId(): string {
  const params: Record<string, string | undefined> = useParams({ strict: false });
  return params.id ?? '';
}
