/**
 * Account numbers as people type them. What the server would refuse is said while it is typed; the
 * server has the last word.
 */

/** Without spaces and in capitals: how numbers are written down. */
export function plain(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase();
}

/** The remainder of ISO 7064 MOD 97-10: one for a number whose check digits fit. */
function mod97(text: string): number {
  let rest = 0;
  for (const sign of text) {
    const value = parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** Why a text is no IBAN; null when it is one. */
export function ibanProblem(text: string): 'short' | 'form' | 'digits' | null {
  const iban = plain(text);
  if (!/^[A-Z]{0,2}$|^[A-Z]{2}[0-9]{1,2}$|^[A-Z]{2}[0-9]{2}[A-Z0-9]*$/.test(iban)) return 'form';
  if (iban.length < 15) return 'short';
  if (iban.length > 34) return 'form';
  return mod97(iban.slice(4) + iban.slice(0, 4)) === 1 ? null : 'digits';
}

/** An IBAN in groups of four, as it is printed. */
export function grouped(text: string): string {
  return plain(text).replace(/(.{4})(?=.)/g, '$1 ');
}

export function bicFits(text: string): boolean {
  return /^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(plain(text));
}

export function bikFits(text: string): boolean {
  return /^\d{9}$/.test(plain(text));
}

/**
 * Whether the key of a Russian account, its ninth digit, fits its bank: by the rule of the Bank of
 * Russia the digits of both, weighed 7, 1, 3, sum up to a multiple of ten.
 */
export function keyFits(bik: string, account: string): boolean {
  const [bank, number] = [plain(bik), plain(account)];
  if (!/^\d{9}$/.test(bank) || !/^\d{20}$/.test(number)) return false;
  const tail = bank.slice(6);
  const own = ['000', '001', '002'].includes(tail) ? `0${bank.slice(4, 6)}` : tail;
  const weights = [7, 1, 3];
  const sum = Array.from(own + number).reduce(
    (all, digit, place) => all + ((Number(digit) * (weights[place % 3] ?? 0)) % 10),
    0,
  );
  return sum % 10 === 0;
}
