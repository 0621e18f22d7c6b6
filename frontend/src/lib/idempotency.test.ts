import { expect, it } from 'vitest';
import { IdempotencyKeys } from './idempotency';

it('keeps the key of an input until there was an answer', () => {
  const keys = new IdempotencyKeys();
  const first = keys.keyFor({ amount: '1' });
  expect(keys.keyFor({ amount: '1' })).toBe(first);
  expect(keys.keyFor({ amount: '2' })).not.toBe(first);
  const again = keys.keyFor({ amount: '2' });
  keys.answered();
  expect(keys.keyFor({ amount: '2' })).not.toBe(again);
});
