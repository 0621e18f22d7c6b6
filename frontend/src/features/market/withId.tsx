import { useParams } from '@tanstack/react-router';
import type { ComponentType } from 'react';

/** A page for `…/$id`: another id is another page, so nothing of the last one stays. */
export function withId(Component: ComponentType<{ id: string }>) {
  return function PageWithId() {
    const { id = '' } = useParams({ strict: false }) as { id?: string };
    return <Component key={id} id={id} />;
  };
}
