import { describe, expect, it } from 'vitest';
import { contactOf } from './contact';

const specs = [
  { name: 'first', kind: 'name' },
  { name: 'last', kind: 'name' },
  { name: 'tel', kind: 'phone' },
  { name: 'mail', kind: 'email' },
  { name: 'sum', kind: null },
];

describe('contact of a lead', () => {
  it('finds its parts by kind', () => {
    const fields = { first: 'Anna', last: 'Petrova', tel: '+79161234567', sum: 5 };
    expect(contactOf(fields, specs)).toEqual({ name: 'Anna Petrova', phone: '+79161234567' });
  });

  it('is empty when nothing is there', () => {
    expect(contactOf(null, specs)).toEqual({});
    expect(contactOf({ mail: '' }, specs)).toEqual({});
  });
});
