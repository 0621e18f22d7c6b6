import { useTranslation } from 'react-i18next';
import { i18n } from '../../i18n';
import { problemText } from '../../lib/errors';

/**
 * The code whose sentence is known: an exact one (`DUPLICATE_PHONE_30D`) has that of its family
 * (`DUPLICATE`).
 */
export function familyOf(code: string): string {
  const parts = code.split('_');
  for (let length = parts.length; length > 0; length -= 1) {
    const family = parts.slice(0, length).join('_');
    if (i18n.exists(`errors.${family}`)) return family;
  }
  return code;
}

/** A coded reason in the reader's language; the code itself when nothing else is known. */
export function useReasonText(): (reason: { code: string; message?: string }) => string {
  const { t } = useTranslation();
  return ({ code, message = '' }) => {
    const text = problemText({ code: familyOf(code), message }, t);
    return text === '' ? code : text;
  };
}
