import type { TFunction } from 'i18next';
import type { CombinedError } from 'urql';
import { i18n } from '../i18n';

/** A refusal as the server words it. */
export interface Problem {
  code: string;
  field?: string | null;
  message: string;
}

/** The refusal in the reader's language; the server's own sentence for a code we do not know. */
export function problemText(problem: Problem, t: TFunction): string {
  const key = `errors.${problem.code}`;
  if (!i18n.exists(key)) return problem.message;
  const text = (t as unknown as (key: string) => string)(key);
  // In English the server may know more than the code's own sentence.
  return i18n.language.startsWith('en') && problem.message !== '' ? problem.message : text;
}

function codeOf(extensions: Record<string, unknown> | undefined): string | null {
  const code = extensions?.code;
  return typeof code === 'string' ? code : null;
}

/** A failed request as problems: the server's coded ones, or that it could not be reached. */
export function problemsOf(error: CombinedError): Problem[] {
  if (error.networkError !== undefined) {
    return [{ code: 'NETWORK', message: error.networkError.message }];
  }
  return error.graphQLErrors.map((each) => ({
    code: codeOf(each.extensions) ?? 'INTERNAL',
    message: each.message,
  }));
}
