/** The line of HTML that puts a hosted form on a page. */

export const EMBED_MODES = ['inline', 'popup', 'callback'] as const;
export type EmbedMode = (typeof EMBED_MODES)[number];

export interface EmbedOptions {
  /** Where the exchange answers, like `https://exchange.example`. */
  origin: string;
  source: string;
  mode: EmbedMode;
  /** The form's language; empty: the page's own. */
  lang: '' | 'en' | 'ru';
  /** A pop-up opens after so many seconds. */
  delay: number | null;
  /** A pop-up opens when so many percent of the page are scrolled. */
  scroll: number | null;
  /** A pop-up opens when the pointer leaves the page. */
  exit: boolean;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** `<script …></script>`, one attribute per line. */
export function embedSnippet(options: EmbedOptions): string {
  const { origin, source, mode, lang, delay, scroll, exit } = options;
  const attributes: [string, string | null][] = [
    ['src', `${origin}/embed.js`],
    ['data-source', source],
    ['data-mode', mode],
  ];
  if (lang !== '') attributes.push(['data-lang', lang]);
  if (mode === 'popup') {
    if (delay !== null) attributes.push(['data-delay', String(delay)]);
    if (scroll !== null) attributes.push(['data-scroll', String(scroll)]);
    if (exit) attributes.push(['data-exit', null]);
  }
  const lines = attributes.map(([name, value]) =>
    value === null ? `  ${name}` : `  ${name}="${attribute(value)}"`,
  );
  return `<script\n${lines.join('\n')}\n></script>`;
}
