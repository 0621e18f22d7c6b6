/** What a tracking link is made of. */
interface Link {
  origin: string;
  source: string;
  /** Marks in order; empty values are left out. */
  marks: readonly (readonly [name: string, value: string])[];
}

/** The link that a publisher spreads. */
export function trackingLink({ origin, source, marks }: Link): string {
  const url = new URL(`/c/${source}`, origin);
  for (const [name, value] of marks) {
    if (value.trim() !== '') url.searchParams.append(name, value.trim());
  }
  return url.toString();
}

/** Where a visitor lands: the landing page with a click id; null when the address is none. */
export function landing(url: string, param: string): string | null {
  try {
    const target = new URL(url);
    const bare = target.search === '' ? '?' : '&';
    return `${target.origin}${target.pathname}${target.search}${bare}${param}=clk_…${target.hash}`;
  } catch {
    return null;
  }
}
