import { describe, expect, it } from 'vitest';
import { decode, encode, type FieldSpec } from './conditions';
import { regionField, regionNode, withRegions } from './geo';

const label = { en: 'x', ru: 'x' };
const region: FieldSpec = {
  name: 'region',
  kind: 'region',
  type: 'string',
  label,
  options: ['RU-MOW', 'RU-SPE'].map((value) => ({ value, label })),
};
const age: FieldSpec = { name: 'age', kind: null, type: 'integer', label, options: [] };
const fields = [age, region];
const raw = [
  { op: 'GTE', field: 'age', value: 18 },
  { op: 'IN', field: 'region', values: ['RU-MOW'] },
];

describe('regions', () => {
  it('are a field of the niche that is a choice', () => {
    expect(regionField(fields)).toBe(region);
    expect(regionField([age, { ...region, options: [] }])).toBeNull();
  });

  it('are one condition, found and changed in its place', () => {
    const nodes = decode(raw);
    expect(regionNode(nodes, region)?.values).toEqual(['RU-MOW']);
    const both = withRegions(nodes, region, ['RU-MOW', 'RU-SPE']);
    expect(encode(both, fields)).toEqual([
      { op: 'GTE', field: 'age', value: 18 },
      { op: 'IN', field: 'region', values: ['RU-MOW', 'RU-SPE'] },
    ]);
    expect(encode(withRegions(both, region, []), fields)).toEqual([raw[0]]);
    expect(encode(withRegions([], region, ['RU-SPE']), fields)).toEqual([
      { op: 'IN', field: 'region', values: ['RU-SPE'] },
    ]);
  });

  it('that are excluded stay an ordinary condition', () => {
    const nodes = decode([{ op: 'NOT_IN', field: 'region', values: ['RU-SPE'] }]);
    expect(regionNode(nodes, region)).toBeNull();
    expect(encode(withRegions(nodes, region, ['RU-MOW']), fields)).toEqual([
      { op: 'IN', field: 'region', values: ['RU-MOW'] },
      { op: 'NOT_IN', field: 'region', values: ['RU-SPE'] },
    ]);
  });
});
