/** The parts of a lead's fields by which people recognise it. */
export interface Contact {
  name?: string;
  phone?: string;
  email?: string;
}

/** Finds name, phone and e-mail among a lead's fields by the kinds of its niche's fields. */
export function contactOf(
  fields: unknown,
  specs: readonly { name: string; kind: string | null }[],
): Contact {
  if (typeof fields !== 'object' || fields === null) return {};
  const values = fields as Record<string, unknown>;
  const texts = (kind: string) =>
    specs
      .filter((spec) => spec.kind === kind)
      .map((spec) => values[spec.name])
      .filter((value): value is string => typeof value === 'string' && value !== '');
  const contact: Contact = {};
  const name = texts('name').join(' ');
  const [phone] = texts('phone');
  const [email] = texts('email');
  if (name !== '') contact.name = name;
  if (phone !== undefined) contact.phone = phone;
  if (email !== undefined) contact.email = email;
  return contact;
}
