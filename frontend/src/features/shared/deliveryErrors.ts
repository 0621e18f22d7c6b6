import type { TFunction } from 'i18next';

/**
 * What the server writes down about a failed try, as the API gives it: an HTTP status or one of a
 * few sentences. A test looks every sentence up in the server's sources.
 */
export const SENTENCES = {
  'the address is not usable': 'badAddress',
  'the address is private or special and not allowed here': 'refusedAddress',
  'the host name was not found': 'unknownHost',
  'no answer in time': 'timeout',
  'no connection': 'noConnection',
  'the exchange broke off': 'brokenOff',
  'the endpoint is gone': 'endpointGone',
  'the endpoint was deleted': 'endpointGone',
  'the award was given back': 'givenBack',
  'the lead was erased': 'erased',
  'not delivered in time': 'tooLate',
} as const;

/** The refusal of the server's own words for a failed try, in the reader's language. */
export function deliveryError(error: string, t: TFunction): string {
  const status = /^HTTP (\d{3})$/.exec(error)?.[1];
  if (status !== undefined) return statusText(Number(status), t);
  const found = (Object.keys(SENTENCES) as (keyof typeof SENTENCES)[]).find(
    (each) => error === each || error.startsWith(`${each}: `),
  );
  return found === undefined ? error : t(`shared.deliveryErrors.${SENTENCES[found]}`);
}

/** What an answer that is no success means, with its status. */
export function statusText(status: number, t: TFunction): string {
  if (status === 410) return t('shared.deliveryErrors.gone', { status });
  if (status === 401 || status === 403) return t('shared.deliveryErrors.denied', { status });
  if (status === 404) return t('shared.deliveryErrors.notFound', { status });
  if (status === 429) return t('shared.deliveryErrors.tooMany', { status });
  if (status >= 300 && status < 400) return t('shared.deliveryErrors.redirect', { status });
  if (status >= 500) return t('shared.deliveryErrors.failing', { status });
  return t('shared.deliveryErrors.status', { status });
}
