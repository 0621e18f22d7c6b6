/** A word in braces, as the server lists them. */
export interface Macro {
  name: string;
  example: string;
}

/** A text in braces; a lone brace is text. */
const MACRO = /\{([^{}]*)\}/g;

/** The words in braces that the exchange does not know, each once. */
export function unknownMacros(url: string, macros: readonly Macro[]): string[] {
  const known = new Set(macros.map((macro) => macro.name));
  const named = [...url.matchAll(MACRO)].map(([, name = '']) => name);
  return [...new Set(named.filter((name) => !known.has(name)))];
}

/** The address as it may be called: every macro replaced by its example, percent-encoded. */
export function filled(url: string, macros: readonly Macro[]): string {
  const examples = new Map(macros.map((macro) => [macro.name, macro.example]));
  return url.replace(MACRO, (whole, name: string) => {
    const example = examples.get(name);
    return example === undefined ? whole : encodeURIComponent(example);
  });
}

/** The address with one more macro, as the value of a parameter of the same name. */
export function withMacro(url: string, name: string): string {
  const typed = url.trim();
  if (typed === '' || typed.endsWith('=')) return `${typed}{${name}}`;
  const joint = typed.includes('?') ? (/[?&]$/.test(typed) ? '' : '&') : '?';
  return `${typed}${joint}${name}={${name}}`;
}
