/** Texts of the publisher workspace; the other language must have the same keys. */
export const publisher = {
  title: 'Publisher workspace',
};
