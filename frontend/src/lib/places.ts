/** The reader's own time zone, as the browser names it. */
export const HERE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** IANA time zones to choose from: the reader's own and UTC first. */
export const ZONES = [...new Set([HERE, 'UTC', ...Intl.supportedValuesOf('timeZone')])];

/** All zones, with one that the browser does not list. */
export function zonesWith(zone: string): string[] {
  return ZONES.includes(zone) ? ZONES : [zone, ...ZONES];
}

/** Whether a text is empty or a country code of two letters. */
export function isCountry(text: string): boolean {
  return text === '' || /^[A-Za-z]{2}$/.test(text);
}
