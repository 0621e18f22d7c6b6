import type { FieldValues } from '../../../components/NicheForm';

/** The example of a posting specification, as the values of a form. */
export function exampleOf(specification: unknown): FieldValues {
  const fields = entry(entry(specification, 'example'), 'fields');
  if (typeof fields !== 'object' || fields === null) return {};
  return Object.fromEntries(
    Object.entries(fields).filter(
      (pair): pair is [string, string | number | boolean] =>
        typeof pair[1] === 'string' || typeof pair[1] === 'number' || typeof pair[1] === 'boolean',
    ),
  );
}

function entry(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
