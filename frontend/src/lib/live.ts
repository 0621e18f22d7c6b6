import { useEffect, useRef } from 'react';

/**
 * Tells whatever is on screen that data changed: after each mutation that succeeded, and when the
 * server reports a new award. Screens answer by reading again, so that nothing shown is stale.
 */
type Listener = () => void;

const listeners = new Set<Listener>();

export function announceChange(): void {
  for (const listener of [...listeners]) listener();
}

/** Calls back after every change, until the component is gone. */
export function useOnChange(callback: Listener): void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  useEffect(() => {
    const listener = () => {
      latest.current();
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
}
