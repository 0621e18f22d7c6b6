export const operator = {
  title: 'Operator workspace',
};
