/** A condition over a lead's fields, as offers and scorecards carry it. */
export type Condition =
  | { op: 'EQ' | 'NE'; field: string; value: unknown }
  | { op: 'IN' | 'NOT_IN'; field: string; values: unknown[] }
  | { op: 'GTE' | 'LTE'; field: string; value: number }
  | { op: 'CONTAINS'; field: string; value: string }
  | { op: 'PRESENT' | 'MISSING'; field: string }
  | { op: 'ALL' | 'ANY'; of: Condition[] }
  | { op: 'NOT'; of: Condition };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads JSON as a condition; null when it is of a form that this page does not know. */
export function asCondition(value: unknown): Condition | null {
  if (!isObject(value)) return null;
  switch (value.op) {
    case 'ALL':
    case 'ANY': {
      if (!Array.isArray(value.of)) return null;
      const parts = value.of.map(asCondition);
      return parts.every((part) => part !== null) ? { op: value.op, of: parts } : null;
    }
    case 'NOT': {
      const part = asCondition(value.of);
      return part === null ? null : { op: 'NOT', of: part };
    }
    case 'IN':
    case 'NOT_IN':
      return typeof value.field === 'string' && Array.isArray(value.values)
        ? { op: value.op, field: value.field, values: value.values as unknown[] }
        : null;
    case 'PRESENT':
    case 'MISSING':
      return typeof value.field === 'string' ? { op: value.op, field: value.field } : null;
    case 'EQ':
    case 'NE':
      return typeof value.field === 'string'
        ? { op: value.op, field: value.field, value: value.value }
        : null;
    case 'GTE':
    case 'LTE':
      return typeof value.field === 'string' && typeof value.value === 'number'
        ? { op: value.op, field: value.field, value: value.value }
        : null;
    case 'CONTAINS':
      return typeof value.field === 'string' && typeof value.value === 'string'
        ? { op: 'CONTAINS', field: value.field, value: value.value }
        : null;
    default:
      return null;
  }
}

/** How fields and their values are called in the reader's language. */
export interface Vocabulary {
  field: (name: string) => string;
  value: (field: string, value: unknown) => string;
  word: (
    word: 'all' | 'any' | 'not' | 'contains' | 'present' | 'missing' | 'in' | 'notIn',
  ) => string;
}

export function plainValue(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}

/** A condition as one line of text. */
export function conditionText(condition: Condition, words: Vocabulary): string {
  switch (condition.op) {
    case 'EQ':
      return `${words.field(condition.field)} = ${words.value(condition.field, condition.value)}`;
    case 'NE':
      return `${words.field(condition.field)} ≠ ${words.value(condition.field, condition.value)}`;
    case 'GTE':
      return `${words.field(condition.field)} ≥ ${words.value(condition.field, condition.value)}`;
    case 'LTE':
      return `${words.field(condition.field)} ≤ ${words.value(condition.field, condition.value)}`;
    case 'IN':
    case 'NOT_IN': {
      const list = condition.values.map((each) => words.value(condition.field, each)).join(', ');
      return `${words.field(condition.field)} ${words.word(condition.op === 'IN' ? 'in' : 'notIn')} ${list}`;
    }
    case 'CONTAINS':
      return `${words.field(condition.field)} ${words.word('contains')} “${condition.value}”`;
    case 'PRESENT':
      return `${words.field(condition.field)} ${words.word('present')}`;
    case 'MISSING':
      return `${words.field(condition.field)} ${words.word('missing')}`;
    case 'ALL':
    case 'ANY':
      return `${words.word(condition.op === 'ALL' ? 'all' : 'any')} (${condition.of
        .map((part) => conditionText(part, words))
        .join('; ')})`;
    case 'NOT':
      return `${words.word('not')} (${conditionText(condition.of, words)})`;
  }
}
