import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../../i18n';
import { page, renderApp, viewerOf } from '../../../test/app';
import { expiry } from './cards';

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

const money = (decimal: string) => ({
  minor: decimal.replace('.', ''),
  currency: 'RUB',
  decimal,
});

function buyer() {
  const viewer = viewerOf('BUYER');
  return { ...viewer, permissions: [...viewer.permissions, 'FUND_WALLET'] };
}

const wallet = (available: string) => ({
  currency: 'RUB',
  available: money(available),
  reserved: money('0.00'),
  reservedByBids: money('0.00'),
  openBids: 0,
  reservedByOrders: money('0.00'),
  openOrders: 0,
  creditLimit: { minor: '0', currency: 'RUB', decimal: '0.00' },
  ownFunds: money(available),
  owed: { minor: '0', currency: 'RUB', decimal: '0.00' },
  heldFees: money('0.00'),
  spent30d: money('0.00'),
  coverageBps: 10000,
});

const cards = (more: object = {}) => ({
  data: {
    cardPayments: true,
    savedCards: [],
    autoRecharges: [],
    niches: [{ id: 'nch_1', currency: 'RUB' }],
    ...more,
  },
});

const noEntries = () => ({ data: { wallets: [{ currency: 'RUB', entries: page([]) }] } });

describe('the wallet', () => {
  it('offers a bank transfer where no cards are taken', async () => {
    renderApp(
      '/buyer/wallet',
      {
        Wallets: () => ({ data: { wallets: [wallet('10.00')] } }),
        WalletCards: () => cards({ cardPayments: false }),
        WalletEntries: noEntries,
      },
      buyer(),
    );
    expect(await screen.findByText('Top up by bank transfer')).toBeInTheDocument();
    expect(screen.getByText('org_1')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Top up' })).not.toBeInTheDocument();
    expect(screen.queryByRole('tab', { name: 'Cards' })).not.toBeInTheDocument();
  });

  it('waits for the money when somebody comes back, and reads the balance again', async () => {
    let state = 'PENDING';
    let asked = 0;
    renderApp(
      '/buyer/wallet?topup=ctu_1',
      {
        Wallets: () => ({ data: { wallets: [wallet(state === 'PENDING' ? '10.00' : '510.00')] } }),
        WalletCards: () => cards(),
        WalletEntries: noEntries,
        CardTopUpOutcome: () => {
          asked += 1;
          if (asked > 1) state = 'CREDITED';
          return {
            data: {
              cardTopUp: {
                id: 'ctu_1',
                kind: 'CHECKOUT',
                state,
                amount: money('500.00'),
                cameIn: state === 'CREDITED' ? money('500.00') : null,
                holdReason: null,
                error: null,
                url: state === 'CREDITED' ? null : 'https://pay.example.com/1',
              },
            },
          };
        },
      },
      buyer(),
    );
    expect(await screen.findByText(/Waiting for the payment of RUB.500\.00/)).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Open the payment page' })).toHaveAttribute(
      'href',
      'https://pay.example.com/1',
    );
    await waitFor(
      () => expect(screen.getByText(/RUB.500\.00 is in your wallet/)).toBeInTheDocument(),
      { timeout: 5_000 },
    );
    expect(await screen.findByText(/RUB.510\.00/)).toBeInTheDocument();
  });

  it('charges a saved card with the typed sum, and says what the card said', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/buyer/wallet',
      {
        Wallets: () => ({ data: { wallets: [wallet('10.00')] } }),
        WalletCards: () =>
          cards({
            savedCards: [
              {
                id: 'crd_1',
                brand: 'visa',
                last4: '4242',
                expMonth: 8,
                expYear: 2030,
                removedAt: null,
              },
            ],
          }),
        WalletEntries: noEntries,
        ChargeSavedCard: () => ({
          data: { chargeSavedCard: { cardTopUp: { id: 'ctu_2' }, userErrors: [] } },
        }),
        CardTopUpOutcome: () => ({
          data: {
            cardTopUp: {
              id: 'ctu_2',
              kind: 'SAVED_CARD',
              state: 'FAILED',
              amount: money('12.50'),
              cameIn: null,
              holdReason: null,
              error: 'insufficient_funds',
              url: null,
            },
          },
        }),
      },
      buyer(),
    );
    await user.click(await screen.findByRole('button', { name: 'Top up' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByLabelText('Visa •••• 4242')).toBeChecked();
    await user.type(within(dialog).getByLabelText(/Amount/), '12,50');
    await user.click(within(dialog).getByRole('button', { name: 'Charge the card' }));
    expect(await screen.findByText('There is not enough money on the card.')).toBeInTheDocument();
    expect(requests.find((each) => each.name === 'ChargeSavedCard')?.variables).toEqual({
      input: {
        amount: { minor: '1250', currency: 'RUB' },
        cardId: 'crd_1',
        idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      },
    });
  });

  it('names the month in which a card ends', () => {
    const card = { brand: 'visa', last4: '4242', expMonth: 8, expYear: 2030 };
    expect(expiry(card)).toBe('08/30');
    expect(expiry({ ...card, expYear: null })).toBeNull();
  });
});
