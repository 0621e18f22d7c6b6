import { useParams } from '@tanstack/react-router';
import type { ComponentType } from 'react';

/** A page for `…/$id`: another id is another page, so nothing of the last one stays. */
export function withId(Component: ComponentType<{ id: string }>) {
  return function PageWithId() {
    const params: Record<string, string | undefined> = useParams({ strict: false });
    const id = params.id ?? '';
    return <Component key={id} id={id} />;
  };
}
