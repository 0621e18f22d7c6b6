import { describe, expect, it } from 'vitest';

import {
  decode,
  encode,
  newGroup,
  newLeaf,
  operatorsFor,
  problems,
  replaceNode,
  withField,
  withOp,
  type Condition,
  type FieldSpec,
} from './conditions';

const label = { en: 'x', ru: 'x' };
const region: FieldSpec = {
  name: 'region',
  type: 'string',
  label,
  options: [
    { value: 'RU-MOW', label },
    { value: 'RU-SPE', label },
  ],
};
const amount: FieldSpec = { name: 'amount', type: 'integer', label, options: [] };
const owner: FieldSpec = { name: 'owner', type: 'boolean', label, options: [] };
const city: FieldSpec = { name: 'city', type: 'string', label, options: [] };
const fields = [region, amount, owner, city];

describe('conditions', () => {
  it('reads what it writes, with the types of the fields', () => {
    const terms: Condition[] = [
      { op: 'IN', field: 'region', values: ['RU-MOW', 'RU-SPE'] },
      { op: 'GTE', field: 'amount', value: 1000000 },
      {
        op: 'ANY',
        of: [
          { op: 'EQ', field: 'owner', value: true },
          { op: 'ALL', of: [{ op: 'PRESENT', field: 'city' }] },
        ],
      },
      { op: 'NOT', of: { op: 'CONTAINS', field: 'city', value: 'test' } },
      {
        op: 'NOT',
        of: {
          op: 'ANY',
          of: [
            { op: 'MISSING', field: 'city' },
            { op: 'NE', field: 'amount', value: 5 },
          ],
        },
      },
    ];
    expect(encode(decode(terms), fields)).toEqual(terms);
  });

  it('leaves out what it does not understand', () => {
    expect(decode([{ op: 'REGEX', field: 'city' }, null, 3, { field: 'x' }])).toEqual([]);
    expect(decode({ op: 'EQ' })).toEqual([]);
  });

  it('offers operators that fit the field', () => {
    expect(operatorsFor('flag')).not.toContain('GTE');
    expect(operatorsFor('number')).toContain('GTE');
    expect(operatorsFor('text')).toContain('CONTAINS');
  });

  it('forgets the value with the field and keeps it with the operator', () => {
    const leaf = { ...newLeaf(region), values: ['RU-MOW'] };
    expect(withOp(leaf, 'EQ')).toMatchObject({ op: 'EQ', value: 'RU-MOW', values: [] });
    expect(withOp(withOp(leaf, 'EQ'), 'NOT_IN').values).toEqual(['RU-MOW']);
    expect(withField(leaf, amount, region)).toMatchObject({
      field: 'amount',
      op: 'GTE',
      values: [],
    });
    expect(withField({ ...leaf, op: 'NE' }, city, { ...city, name: 'town' }).op).toBe('NE');
    expect(withField(leaf, owner)).toMatchObject({ field: 'owner', op: 'EQ' });
  });

  it('names what is wrong at its node', () => {
    const empty = newLeaf();
    const noValue = newLeaf(region);
    const word = { ...newLeaf(amount), value: 'many' };
    const gone = { ...newLeaf(city), field: 'gone', value: 'x' };
    const group = newGroup('ANY');
    const outer = newGroup('ALL', [word]);
    expect(problems([empty, noValue, gone, group, outer], fields)).toEqual({
      [empty.id]: 'fieldRequired',
      [noValue.id]: 'valueRequired',
      [word.id]: 'numberRequired',
      [gone.id]: 'fieldUnknown',
      [group.id]: 'groupEmpty',
    });
  });

  it('replaces and removes a node at any depth', () => {
    const inner = newLeaf(city);
    const tree = [newGroup('ALL', [newGroup('ANY', [inner])])];
    const changed = replaceNode(tree, inner.id, { ...inner, value: 'Perm' });
    expect(encode(changed, fields)).toEqual([
      { op: 'ALL', of: [{ op: 'ANY', of: [{ op: 'EQ', field: 'city', value: 'Perm' }] }] },
    ]);
    expect(encode(replaceNode(tree, inner.id, null), fields)).toEqual([
      { op: 'ALL', of: [{ op: 'ANY', of: [] }] },
    ]);
  });
});
