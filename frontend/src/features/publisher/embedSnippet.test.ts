import { expect, test } from 'vitest';
import { embedSnippet, type EmbedOptions } from './embedSnippet';

const options: EmbedOptions = {
  origin: 'https://x.example',
  source: 'src_1',
  mode: 'inline',
  lang: '',
  delay: 5,
  scroll: 40,
  exit: true,
};

test('only a pop-up has triggers', () => {
  expect(embedSnippet(options)).toBe(
    '<script\n  src="https://x.example/embed.js"\n  data-source="src_1"\n  data-mode="inline"\n></script>',
  );
  expect(embedSnippet({ ...options, mode: 'popup', lang: 'ru' })).toBe(
    '<script\n  src="https://x.example/embed.js"\n  data-source="src_1"\n  data-mode="popup"\n' +
      '  data-lang="ru"\n  data-delay="5"\n  data-scroll="40"\n  data-exit\n></script>',
  );
});

test('what is typed cannot leave its attribute', () => {
  expect(embedSnippet({ ...options, source: '"><b' })).toContain('data-source="&quot;>&lt;b"');
});
