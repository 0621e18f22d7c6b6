/**
 * What every request has to carry. It lives outside React, because the GraphQL client reads it
 * for each request. The session itself is an httpOnly cookie that no script sees.
 */
const KEY = 'leadbourse.organization';

let csrf: string | null = null;

export function csrfToken(): string | null {
  return csrf;
}

export function setCsrfToken(token: string | null): void {
  csrf = token;
}

/** The organization acted for; null leaves the choice to the server. */
export function actingOrganization(): string | null {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function setActingOrganization(id: string | null): void {
  try {
    if (id === null) window.localStorage.removeItem(KEY);
    else window.localStorage.setItem(KEY, id);
  } catch {
    // Storage may be forbidden: then the choice lasts as long as the page.
  }
}
