export const shared = {
  conditions: {
    none: 'No conditions: every lead of the niche fits.',
    all: 'all of',
    any: 'any of',
    not: 'not',
    contains: 'contains',
    present: 'is filled',
    missing: 'is empty',
    in: 'is one of',
    notIn: 'is none of',
  },
};
