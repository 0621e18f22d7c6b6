import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../i18n';
import { page, renderApp, viewerOf } from '../../test/app';

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

const money = (decimal: string, currency = 'RUB') => ({
  minor: decimal.replace('.', ''),
  currency,
  decimal,
});
const KEY = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
const buyer = { id: 'org_9', name: 'Northbank' };

const answers = {
  BuyersOfTheDesk: () => ({
    data: {
      organizations: page([buyer]),
      niches: [
        { id: 'nch_1', currency: 'RUB' },
        { id: 'nch_2', currency: 'USD' },
      ],
    },
  }),
  CreditChanges: () => ({
    data: {
      creditChanges: page([
        {
          id: 'crd_1',
          buyer,
          before: money('0.00'),
          after: money('2500.00'),
          note: 'A year of good payments.',
          decidedBy: 'system',
          at: '2026-11-22T10:00:00Z',
        },
      ]),
    },
  }),
  FxConversions: () => ({ data: { fxConversions: page([]) } }),
  LedgerCloses: () => ({ data: { ledgerCloses: [] } }),
};

type User = ReturnType<typeof userEvent.setup>;

/** Chooses an option of a select by its own list: several selects have the same options. */
async function choose(user: User, label: RegExp, option: string) {
  const dialog = within(screen.getByRole('dialog'));
  const box = dialog.getByRole('combobox', { name: label });
  await user.click(box);
  const list = await waitFor(() => {
    const found = document.getElementById(box.getAttribute('aria-controls') ?? '');
    expect(found).not.toBeNull();
    return within(found as HTMLElement);
  });
  await user.click(list.getByRole('option', { name: option, hidden: true }));
}

describe('the finance desk', () => {
  it('sets a credit limit with a reason, and says what it is now', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/operator/finance',
      {
        ...answers,
        SetCreditLimit: () => ({
          data: { setCreditLimit: { change: { id: 'crd_2' }, userErrors: [] } },
        }),
      },
      viewerOf('OPERATOR'),
    );
    expect(await screen.findByText('A year of good payments.')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Set a credit limit' }));
    const dialog = within(await screen.findByRole('dialog'));
    await choose(user, /Buyer/, 'Northbank');
    await choose(user, /Currency/, 'RUB');
    expect(await dialog.findByText(/^RUB\s?2,500\.00$/)).toBeInTheDocument();
    await user.type(dialog.getByLabelText(/^Credit limit/), '4000');
    const send = dialog.getByRole('button', { name: 'Set a credit limit' });
    await user.click(send);
    expect(await dialog.findByText('Fill this in.')).toBeInTheDocument();
    await user.type(dialog.getByLabelText(/^Why/), 'More volume.');
    await user.click(send);
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(requests.find((each) => each.name === 'SetCreditLimit')?.variables).toEqual({
      input: {
        buyerId: 'org_9',
        limit: { minor: '400000', currency: 'RUB' },
        note: 'More volume.',
        idempotencyKey: KEY,
      },
    });
  });

  it('converts money, and shows before what comes out', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/operator/finance?tab=conversions',
      {
        ...answers,
        ConvertMoney: () => ({
          data: { convertMoney: { conversion: { id: 'fxc_1' }, userErrors: [] } },
        }),
      },
      viewerOf('OPERATOR'),
    );
    expect(await screen.findByText('Nothing was converted yet.')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Convert money' }));
    const dialog = within(await screen.findByRole('dialog'));
    await choose(user, /Buyer/, 'Northbank');
    await choose(user, /^From/, 'RUB');
    await user.type(dialog.getByLabelText(/^Sold amount/), '1000');
    await choose(user, /^To/, 'RUB');
    await user.type(dialog.getByLabelText(/^Rate/), '0,01085');
    const send = dialog.getByRole('button', { name: 'Convert money' });
    await user.click(send);
    expect(
      await dialog.findByText('Choose another currency than the sold one.'),
    ).toBeInTheDocument();
    await choose(user, /^To/, 'USD');
    expect(dialog.getByText('$10.85')).toBeInTheDocument();
    await user.click(send);
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(requests.find((each) => each.name === 'ConvertMoney')?.variables).toEqual({
      input: {
        buyerId: 'org_9',
        amount: { minor: '100000', currency: 'RUB' },
        to: 'USD',
        rate: '0.01085',
        note: null,
        idempotencyKey: KEY,
      },
    });
  });

  it('warns before a period is closed for good', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp('/operator/finance?tab=closes', answers, viewerOf('OPERATOR'));
    expect(await screen.findByText('No period was closed yet.')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Close a period' }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText('This is for good')).toBeInTheDocument();
    await user.click(dialog.getByRole('button', { name: 'Close a period' }));
    expect(await dialog.findByText('Confirm it, to close the period.')).toBeInTheDocument();
    expect(requests.some((each) => each.name === 'CloseLedgerPeriod')).toBe(false);
  });
});
