import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { saidParts } from './says';

describe('what the test of a connection says', () => {
  it('is known sentence by sentence, with its facts', () => {
    expect(
      saidParts('It bids, and the price is understood. It took 120 ms of 1000: well in time.'),
    ).toEqual([
      { key: 'bids', facts: {} },
      { key: 'well', facts: { ms: '120', limit: '1000' } },
    ]);
    expect(
      saidParts('The answer is not understood: price is not 1.2. It took 9 ms of 10: too slow.'),
    ).toEqual([
      { key: 'unclear', facts: { what: 'price is not 1.2' } },
      { key: 'slow', facts: { ms: '9', limit: '10' } },
    ]);
    expect(saidParts('Something new.')).toEqual([{ words: 'Something new.' }]);
  });

  it('has a word for every sentence of core', () => {
    const file = '../crates/core/src/live/contract.rs';
    expect(existsSync(file)).toBe(true);
    const [code = ''] = readFileSync(file, 'utf8').split('#[cfg(test)]');
    const sentences = [...code.matchAll(/"((?:It|The|There|No|Nobody|A) [^"\n]+\.)"/g)].map(
      ([, text = '']) => text.replace('{took_ms}', '1').replace('{limit}', '2'),
    );
    expect(sentences.length).toBeGreaterThan(15);
    const unknown = sentences
      .map((text) => text.replace('{code}', '500').replace(/\{\w+\}/g, 'x'))
      .map((text) => text.replace(/: x\.$/, text.startsWith('It took') ? ': too slow.' : ': x.'))
      .filter((text) => saidParts(text).some((part) => 'words' in part));
    expect(unknown).toEqual([]);
  });
});
