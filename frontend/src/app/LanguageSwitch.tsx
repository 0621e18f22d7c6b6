import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { asLanguage, chooseLanguage, type Language } from '../i18n';
import { graphql } from '../lib/graphql';

const SetLocale = graphql(`
  mutation SetLocale($input: SetLocaleInput!) {
    setLocale(input: $input) {
      viewer {
        user {
          id
          locale
        }
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`);

/** English or Russian, remembered by the browser and, for somebody signed in, by the server. */
export function LanguageSwitch({ signedIn = false }: { signedIn?: boolean }) {
  const { t, i18n } = useTranslation();
  const client = useClient();
  const change = async (language: Language) => {
    // The server first: else the profile's old language would win when the session is read again.
    if (signedIn) await client.mutation(SetLocale, { input: { locale: language } }).toPromise();
    await chooseLanguage(language);
  };
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('common.language')}
      data={[
        { value: 'en', label: 'EN' },
        { value: 'ru', label: 'RU' },
      ]}
      value={asLanguage(i18n.language)}
      onChange={(value) => void change(asLanguage(value))}
    />
  );
}
