import { describe, expect, it } from 'vitest';
import { SAMPLE_LANGUAGES, sampleBody, sampleCode, type SampleField } from './sampleCode';

const fields: SampleField[] = [
  { name: 'phone', type: 'string', kind: 'phone', required: false, options: [] },
  { name: 'region', type: 'string', kind: null, required: true, options: [{ value: 'RU-SPE' }] },
  { name: 'amount', type: 'integer', kind: null, required: true, options: [] },
  { name: 'owner', type: 'boolean', kind: null, required: true, options: [] },
  { name: 'comment', type: 'string', kind: null, required: false, options: [] },
];
const schema = { properties: { amount: { minimum: 100000, maximum: 300000000 }, region: {} } };
const body = sampleBody(fields, schema, new Date('2026-01-02T03:04:05.678Z'));
const input = { origin: 'https://exchange.example', key: 'lb_post_1', body };

describe('sample code', () => {
  it('fills what the niche requires with values of the right type', () => {
    expect(body).toMatchObject({
      fields: { phone: '+7 916 123-45-67', region: 'RU-SPE', amount: 2000000, owner: true },
      consent: { at: '2026-01-02T03:04:05Z' },
    });
    expect(body).not.toHaveProperty('fields.comment');
  });

  it('keeps numbers inside what the schema allows', () => {
    const year: SampleField = {
      name: 'year',
      type: 'integer',
      kind: null,
      required: true,
      options: [],
    };
    const range = { properties: { year: { minimum: 1980, maximum: 2030 } } };
    expect(sampleBody([year], range, new Date())).toMatchObject({ fields: { year: 2005 } });
    expect(sampleBody([year], null, new Date())).toMatchObject({ fields: { year: 50 } });
  });

  it.each(SAMPLE_LANGUAGES)('%s names the address and the key', (language) => {
    const code = sampleCode(language, input);
    expect(code).toContain('https://exchange.example/v1/leads');
    expect(code).toContain('Bearer lb_post_1');
    expect(code).toContain('RU-SPE');
  });

  it('quotes for the language', () => {
    const tricky = { ...input, body: { text: "it's", yes: true, none: null } };
    expect(sampleCode('curl', tricky)).toContain(`it'\\''s`);
    expect(sampleCode('php', tricky)).toContain(`'it\\'s'`);
    expect(sampleCode('python', tricky)).toContain('"yes": True');
    expect(sampleCode('python', tricky)).toContain('"none": None');
  });
});
