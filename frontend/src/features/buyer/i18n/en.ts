/** Texts of the buyer workspace; the other language must have the same keys. */
export const buyer = {
  title: 'Buyer workspace',
};
