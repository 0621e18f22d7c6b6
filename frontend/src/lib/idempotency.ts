/**
 * Keys for mutations that move money or decide. The same input sent again after a failure that
 * left the outcome unknown carries the same key, so that it happens once; after an answer, or
 * with another input, the key is new.
 */
export class IdempotencyKeys {
  #pending: { input: string; key: string } | null = null;

  keyFor(input: unknown): string {
    const text = JSON.stringify(input);
    if (this.#pending?.input === text) return this.#pending.key;
    const key = crypto.randomUUID();
    this.#pending = { input: text, key };
    return key;
  }

  /** The server answered: whatever comes next is a new wish. */
  answered(): void {
    this.#pending = null;
  }
}
