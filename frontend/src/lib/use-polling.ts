import { useEffect, useRef } from 'react';

const PAUSE_MS = 2_000;

/** Whether something planned for then happens so soon that it is worth waiting for. */
export function isSoon(at: string | null): boolean {
  return at !== null && Date.parse(at) - Date.now() < 30_000;
}

/** Reads again and again while something is expected to happen, as long as the page is seen. */
export function usePolling(active: boolean, reload: () => void): void {
  const latest = useRef(reload);
  useEffect(() => {
    latest.current = reload;
  });
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, PAUSE_MS);
    return () => clearInterval(timer);
  }, [active]);
}
