import { useTranslation } from 'react-i18next';
import { problemText } from '../../lib/errors';

/** A coded reason in the reader's language; the code itself when nothing else is known. */
export function useReasonText(): (reason: { code: string; message?: string }) => string {
  const { t } = useTranslation();
  return ({ code, message = '' }) => {
    const text = problemText({ code, message }, t);
    return text === '' ? code : text;
  };
}
