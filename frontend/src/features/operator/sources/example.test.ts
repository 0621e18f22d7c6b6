import { expect, it } from 'vitest';
import { exampleOf } from './example';

it('takes the plain values of the example', () => {
  const fields = { phone: '+79161234567', amount: 5, owner: true, list: ['x'], none: null };
  expect(exampleOf({ example: { fields } })).toEqual({
    phone: '+79161234567',
    amount: 5,
    owner: true,
  });
});

it('is empty for anything else', () => {
  for (const odd of [null, 'text', {}, { example: 1 }, { example: { fields: null } }])
    expect(exampleOf(odd)).toEqual({});
});
