import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { LookProviders } from '../../../app/providers';
import { i18n } from '../../../i18n';
import type { Problem } from '../../../lib/errors';
import { OfferForm } from './OfferForm';
import { emptyForm, type NicheRules, type Terms } from './termsForm';

const rules: NicheRules = {
  currency: 'RUB',
  fields: [],
  priceFloorMinor: '10000',
  priceFloorText: '100',
  maxReturnWindowS: 5 * 86400,
  disputeS: 6 * 86400,
};

type Save = (name: string, terms: Terms, review: boolean) => Promise<Problem[]>;

function show(onSave: Save) {
  render(
    <LookProviders>
      <OfferForm
        initial={emptyForm('Europe/Moscow')}
        rules={rules}
        running={false}
        onSave={onSave}
        onCancel={() => undefined}
      />
    </LookProviders>,
  );
}

function enter(input: HTMLElement, value: string) {
  fireEvent.change(input, { target: { value } });
}

function fill(price: string) {
  enter(screen.getByLabelText('Name'), 'Mortgage, Moscow');
  enter(screen.getByLabelText('Price of a lead'), price);
}

const SUBMIT = 'Save and submit for review';

describe('the offer form', () => {
  beforeAll(() => i18n.changeLanguage('en'));

  it('sends nothing while something is missing, and says what', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave);
    await userEvent.click(screen.getByText(SUBMIT));
    expect(onSave).not.toHaveBeenCalled();
    expect(await screen.findByText('Fill this in.')).toBeInTheDocument();
    expect(screen.getByRole('alert')).toHaveTextContent(/need your attention/);
  });

  it('refuses a price below the floor of the niche', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave);
    fill('99');
    await userEvent.click(screen.getByText('Save draft'));
    expect(await screen.findByText('The niche’s floor is 100.')).toBeInTheDocument();
    expect(onSave).not.toHaveBeenCalled();
  });

  it('sends terms in minor units and seconds', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave);
    fill('1250,50');
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
    fill('1250');
    await userEvent.click(screen.getByText('Save draft'));
    expect(await screen.findByText('Too cheap for today.')).toBeInTheDocument();
    expect(screen.getByLabelText('Price of a lead')).toHaveAttribute('aria-invalid', 'true');
    expect(screen.getByText('Somebody changed it.')).toBeInTheDocument();
  });

  it('adds caps of different periods', async () => {
    const onSave = vi.fn<Save>().mockResolvedValue([]);
    show(onSave);
    fill('1250');
    const add = screen.getByText('Add a cap');
    await userEvent.click(add);
    await userEvent.click(add);
    const [day, week] = screen.getAllByLabelText('Leads', { selector: 'input' });
    if (day && week) {
      enter(day, '37');
      enter(week, '200');
    }
    await userEvent.click(screen.getByText(SUBMIT));
    await waitFor(() => expect(onSave).toHaveBeenCalledOnce());
    expect(onSave.mock.calls[0]?.[1].caps).toEqual([
      { period: 'DAY', count: 37, money: null },
      { period: 'WEEK', count: 200, money: null },
    ]);
  });
});
