import i18n from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { ru } from './ru';

export const LANGUAGES = ['en', 'ru'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = 'leadbourse.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

export function asLanguage(tag: string | null | undefined): Language {
  return tag?.toLowerCase().startsWith('ru') === true ? 'ru' : 'en';
}

function firstLanguage(): Language {
  try {
    return asLanguage(window.localStorage.getItem(KEY) ?? window.navigator.language);
  } catch {
    return 'en';
  }
}

void i18n.use(initReactI18next).init({
  resources: { en: { translation: en }, ru: { translation: ru } },
  lng: firstLanguage(),
  fallbackLng: 'en',
  interpolation: { escapeValue: false },
  returnNull: false,
});

function mark(language: string): void {
  document.documentElement.lang = language;
}
mark(i18n.language);
i18n.on('languageChanged', mark);

/** Changes the language of this browser; the caller tells the server, if somebody is signed in. */
export async function chooseLanguage(language: Language): Promise<void> {
  try {
    window.localStorage.setItem(KEY, language);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  await i18n.changeLanguage(language);
}

export { i18n };
