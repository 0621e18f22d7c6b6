import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ComponentProps } from 'react';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { LookProviders } from '../../../app/providers';
import { i18n } from '../../../i18n';
import type { Problem } from '../../../lib/errors';
import { OfferForm } from './OfferForm';
import { emptyForm, type NicheRules, type Terms, termsFromForm } from './termsForm';

const rules: NicheRules = {
  currency: 'RUB',
  fields: [],
  priceFloorMinor: '10000',
  priceFloorText: '100',
  maxReturnWindowS: 5 * 86400,
  disputeS: 6 * 86400,
};

type Save = (name: string, terms: Terms, review: boolean) => Promise<Problem[]>;

function show(onSave: Save, more: Partial<ComponentProps<typeof OfferForm>> = {}) {
  render(
    <LookProviders>
      <OfferForm
        initial={emptyForm('Europe/Moscow')}
        rules={rules}
        running={false}
        onSave={onSave}
        onCancel={() => undefined}
        {...more}
      />
    </LookProviders>,
  );
}

function enter(input: HTMLElement, value: string) {
  fireEvent.change(input, { target: { value } });
}

const open = (step: string) => userEvent.click(screen.getByRole('button', { name: step }));

/** Name and price, up to the review. */
async function fill(price: string) {
  enter(screen.getByLabelText('Name'), 'Mortgage, Moscow');
  await userEvent.click(screen.getByText('Next'));
  enter(screen.getByLabelText('Price of a lead'), price);
  await open('Review');
}

const SUBMIT = 'Save and submit for review';

describe('the offer form', () => {
  beforeAll(() => i18n.changeLanguage('en'));

  it('sends nothing while something is missing, and opens the step where it is', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave);
    await open('Review');
    expect(screen.getByText('Something is still missing here:')).toBeInTheDocument();
    await userEvent.click(screen.getByText(SUBMIT));
    expect(onSave).not.toHaveBeenCalled();
    expect(await screen.findByText('Fill this in.')).toBeInTheDocument();
    expect(screen.getByLabelText('Name')).toHaveAttribute('aria-invalid', 'true');
    expect(screen.getByRole('alert')).toHaveTextContent(/need your attention/);
    expect(screen.getByRole('button', { name: 'Niche and name' })).toHaveAttribute(
      'aria-current',
      'step',
    );
  });

  it('does not go on from a step with a mistake, and says nothing of the later ones', async () => {
    show(vi.fn<Save>());
    await userEvent.click(screen.getByText('Next'));
    expect(screen.getByText('Fill this in.')).toBeInTheDocument();
    enter(screen.getByLabelText('Name'), 'Mortgage, Moscow');
    await userEvent.click(screen.getByText('Next'));
    expect(screen.getByLabelText('Price of a lead')).not.toHaveAttribute('aria-invalid', 'true');
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('refuses a price below the floor of the niche', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave);
    await fill('99');
    await userEvent.click(screen.getByText('Save draft'));
    expect(await screen.findByText('The niche’s floor is 100.')).toBeInTheDocument();
    expect(onSave).not.toHaveBeenCalled();
  });

  it('sends terms in minor units and seconds', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave);
    await fill('1250,50');
    expect(screen.getByText('The terms of “Mortgage, Moscow”')).toBeInTheDocument();
    expect(screen.getByText(/1,250\.50/)).toBeInTheDocument();
    await userEvent.click(screen.getByText(SUBMIT));
    await waitFor(() => expect(onSave).toHaveBeenCalledOnce());
    const [name, terms, review] = onSave.mock.calls[0] ?? [];
    expect(name).toBe('Mortgage, Moscow');
    expect(review).toBe(true);
    expect(terms).toMatchObject({
      goals: [{ kind: 'LEAD', price: { minor: '125050', currency: 'RUB' } }],
      returnWindowS: 259200,
      maxSales: 1,
      schedule: { timeZone: 'Europe/Moscow', windows: [], holidays: [] },
    });
  });

  it('shows the server’s refusals at their fields and the rest below', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([
      { code: 'TERMS_PRICE', field: 'terms.goals[0].price', message: 'Too cheap for today.' },
      { code: 'STALE', field: null, message: 'Somebody changed it.' },
    ]);
    show(onSave);
    await fill('1250');
    await userEvent.click(screen.getByText('Save draft'));
    expect(await screen.findByText('Too cheap for today.')).toBeInTheDocument();
    expect(screen.getByLabelText('Price of a lead')).toHaveAttribute('aria-invalid', 'true');
    expect(screen.getByText('Somebody changed it.')).toBeInTheDocument();
  });

  it('adds caps of different periods', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave);
    await fill('1250');
    await open('Caps and pacing');
    const add = screen.getByText('Add a cap');
    await userEvent.click(add);
    await userEvent.click(add);
    const [day, week] = screen.getAllByLabelText('Leads', { selector: 'input' });
    if (day && week) {
      enter(day, '37');
      enter(week, '200');
    }
    await userEvent.click(screen.getByText('Next'));
    await userEvent.click(screen.getByText(SUBMIT));
    await waitFor(() => expect(onSave).toHaveBeenCalledOnce());
    expect(onSave.mock.calls[0]?.[1].caps).toEqual([
      { period: 'DAY', count: 37, money: null },
      { period: 'WEEK', count: 200, money: null },
    ]);
  });

  it('opens a new version at the review, and tells what it changes as it is typed', async () => {
    const initial = { ...emptyForm('Europe/Moscow'), name: 'Mortgage, Moscow' };
    initial.lead.price = '1250.50';
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave, { initial, start: 'review', before: termsFromForm(initial, rules) });
    expect(screen.getByText('The terms are the same as before.')).toBeInTheDocument();
    await open('Goals and price');
    enter(screen.getByLabelText('Price of a lead'), '1300');
    await open('Review');
    const table = screen.getByRole('table', { name: 'What changed' });
    const cells = within(table)
      .getAllByRole('cell')
      .map((cell) => cell.textContent.replaceAll('\u00a0', ' '));
    expect(cells).toEqual(['Pricelead · price', 'RUB 1,250.50', 'RUB 1,300.00']);
  });

  it('keeps regions as one condition among the others', async () => {
    const label = (text: string) => ({ en: text, ru: text });
    const region = {
      name: 'region',
      kind: 'region',
      type: 'string',
      label: label('Region'),
      options: [{ value: 'RU-MOW', label: label('Moscow') }],
    };
    const initial = { ...emptyForm('UTC'), name: 'Mortgage' };
    initial.lead.price = '1250';
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave, { initial, rules: { ...rules, fields: [region] }, start: 'leads' });
    await userEvent.click(screen.getByRole('combobox', { name: 'Regions' }));
    await userEvent.click(await screen.findByRole('option', { name: 'Moscow', hidden: true }));
    await open('Review');
    await userEvent.click(screen.getByText('Save draft'));
    await waitFor(() => expect(onSave).toHaveBeenCalledOnce());
    expect(onSave.mock.calls[0]?.[1].conditions).toEqual([
      { op: 'IN', field: 'region', values: ['RU-MOW'] },
    ]);
  });
});
