import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeAll, describe, expect, it } from 'vitest';
import { LookProviders } from '../../app/providers';
import { i18n } from '../../i18n';
import { decode, encode, type Condition, type FieldSpec } from './conditions';
import { ConditionsBuilder } from './ConditionsBuilder';

const label = (en: string) => ({ en, ru: en });
const fields: FieldSpec[] = [
  {
    name: 'region',
    type: 'string',
    label: label('Region'),
    options: [
      { value: 'RU-MOW', label: label('Moscow') },
      { value: 'RU-TVE', label: label('Tver') },
    ],
  },
  { name: 'amount', type: 'integer', label: label('Amount'), options: [] },
];

let seen: Condition[] = [];

function Harness({ start }: { start: Condition[] }) {
  const [nodes, setNodes] = useState(() => decode(start));
  seen = encode(nodes, fields);
  return (
    <LookProviders>
      <ConditionsBuilder fields={fields} value={nodes} onChange={setNodes} showProblems />
    </LookProviders>
  );
}

async function choose(box: HTMLElement, option: string) {
  await userEvent.click(box);
  const [found] = await screen.findAllByRole('option', { name: option, hidden: true });
  if (found) await userEvent.click(found);
}

describe('the conditions builder', () => {
  beforeAll(() => i18n.changeLanguage('en'));

  it('adds a condition, asks for what is missing and takes it', async () => {
    render(<Harness start={[]} />);
    expect(screen.getByText(/No conditions/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Add a condition' }));
    expect(screen.getByText('Enter a value.')).toBeInTheDocument();
    await choose(screen.getByLabelText('Field', { selector: 'input' }), 'Amount');
    await userEvent.type(screen.getByLabelText('Value', { selector: 'input' }), '500000');
    expect(screen.queryByText('Enter a value.')).not.toBeInTheDocument();
    expect(seen).toEqual([{ op: 'GTE', field: 'amount', value: 500000 }]);
  });

  it('changes the comparison to one with a single number', async () => {
    render(<Harness start={[{ op: 'EQ', field: 'amount', value: 5 }]} />);
    await choose(screen.getByLabelText('Comparison', { selector: 'input' }), 'at least');
    expect(seen).toEqual([{ op: 'GTE', field: 'amount', value: 5 }]);
  });

  it('turns a group around and removes its parts', async () => {
    render(
      <Harness
        start={[
          {
            op: 'ANY',
            of: [
              { op: 'EQ', field: 'region', value: 'RU-MOW' },
              { op: 'PRESENT', field: 'amount' },
            ],
          },
        ]}
      />,
    );
    const group = screen.getByRole('group');
    await userEvent.click(within(group).getByText('None of'));
    expect(seen).toEqual([
      {
        op: 'NOT',
        of: {
          op: 'ANY',
          of: [
            { op: 'EQ', field: 'region', value: 'RU-MOW' },
            { op: 'PRESENT', field: 'amount' },
          ],
        },
      },
    ]);
    const removers = within(group).getAllByRole('button', { name: 'Remove' });
    const last = removers.at(-1);
    if (last) await userEvent.click(last);
    expect(seen).toEqual([{ op: 'NOT', of: { op: 'EQ', field: 'region', value: 'RU-MOW' } }]);
  });
});
