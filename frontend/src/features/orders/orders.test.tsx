import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../i18n';
import type { Kind } from '../../lib/ids';
import { page, renderApp, viewerOf } from '../../test/app';

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

const rub = (decimal: string) => ({ minor: decimal.replace('.', ''), currency: 'RUB', decimal });
const DAY = 86_400_000;
const SOON = new Date(Date.now() + 5 * DAY).toISOString();
const KEY = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;

/** Somebody with the rights of a trader too. */
const trader = (kind: Kind) => {
  const viewer = viewerOf(kind);
  return {
    ...viewer,
    permissions: [...viewer.permissions, 'MANAGE_OFFERS', 'MANAGE_SOURCES'],
  };
};

const claim = {
  id: 'ocl_1',
  state: 'OPEN',
  publisher: { id: 'org_2', name: 'Garden' },
  onTime: { claims: 4, promised: 20, delivered: 19, shareBps: 9500 },
  wanted: 3,
  delivered: 1,
  awaited: 2,
  deadline: SOON,
  createdAt: '2026-11-22T10:00:00Z',
  endedAt: null,
};

const order = {
  id: 'ord_1',
  state: 'OPEN',
  offerId: 'ofr_1',
  offerName: 'Mortgage, Moscow',
  offerVersionId: 'ofv_1',
  niche: { id: 'nch_1', name: { en: 'Mortgage', ru: 'Ипотека' } },
  buyer: { id: 'org_1', name: 'Northbank' },
  wanted: 4,
  delivered: 1,
  claimed: 2,
  unclaimed: 1,
  released: 0,
  price: rub('777.00'),
  earning: null,
  reserved: rub('2331.00'),
  spent: rub('777.00'),
  givenBack: rub('0.00'),
  claims: [claim],
  deadline: SOON,
  createdAt: '2026-11-22T10:00:00Z',
  endedAt: null,
};

/** What a publisher sees of it. */
const seen = {
  ...order,
  buyer: null,
  price: null,
  earning: rub('660.45'),
  reserved: null,
  spent: null,
  givenBack: null,
};

describe('a buyer', () => {
  const offers = [
    {
      id: 'ofr_1',
      name: 'Mortgage, Moscow',
      niche: { id: 'nch_1', currency: 'RUB' },
      current: {
        id: 'ofv_1',
        terms: { mode: 'INSTANT', goals: [{ kind: 'LEAD', price: rub('777.00') }] },
      },
    },
    {
      id: 'ofr_2',
      name: 'Asks its server',
      niche: { id: 'nch_1', currency: 'RUB' },
      current: {
        id: 'ofv_2',
        terms: { mode: 'LIVE', goals: [{ kind: 'LEAD', price: rub('900.00') }] },
      },
    },
  ];
  const answers = {
    Orders: () => ({ data: { orders: page([]) } }),
    OfferNames: () => ({ data: { offers: page([]) } }),
    OffersToOrder: () => ({ data: { offers: page(offers) } }),
    FreeMoney: () => ({
      data: { wallets: [{ currency: 'RUB', available: rub('2500.00') }] },
    }),
    Order: () => ({ data: { order } }),
  };

  it('sees what an order would reserve and what is free, and places it once', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/buyer/orders',
      {
        ...answers,
        PlaceOrder: () => ({ data: { placeOrder: { order: { id: 'ord_1' }, userErrors: [] } } }),
      },
      trader('BUYER'),
    );
    expect(
      await screen.findByText('No orders yet. Order leads of an offer that pays for each lead.'),
    ).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Order leads' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByRole('combobox', { name: /Offer/ }));
    // Only what can be ordered is offered.
    const options = await screen.findAllByRole('option', { hidden: true });
    expect(options.map((option) => option.textContent)).not.toContain('Asks its server');
    await user.click(await screen.findByRole('option', { name: 'Mortgage, Moscow', hidden: true }));
    await user.type(dialog.getByLabelText(/^Leads/), '4');
    expect(dialog.getByText(/^RUB\s?3,108\.00$/)).toBeInTheDocument();
    expect(await dialog.findByText(/^RUB\s?2,500\.00$/)).toBeInTheDocument();
    expect(dialog.getByText(/The wallet does not cover it/)).toBeInTheDocument();
    await user.type(dialog.getByLabelText(/^Price of a lead/), '600,25');
    expect(dialog.getByText(/^RUB\s?2,401\.00$/)).toBeInTheDocument();
    expect(dialog.queryByText(/The wallet does not cover it/)).not.toBeInTheDocument();
    await user.click(dialog.getByRole('button', { name: 'Order leads' }));
    expect(await dialog.findByText('Fill this in.')).toBeInTheDocument();
    await user.click(dialog.getByRole('button', { name: '7 days' }));
    await user.click(dialog.getByRole('button', { name: 'Order leads' }));
    expect(await screen.findByText('Order: Mortgage, Moscow')).toBeInTheDocument();
    const sent = requests.find((each) => each.name === 'PlaceOrder')?.variables;
    expect(sent).toEqual({
      input: {
        offerId: 'ofr_1',
        wanted: 4,
        price: { minor: '60025', currency: 'RUB' },
        deadline: expect.any(String) as string,
        idempotencyKey: KEY,
      },
    });
    const { deadline } = (sent as { input: { deadline: string } }).input;
    expect(Math.round((Date.parse(deadline) - Date.now()) / DAY)).toBe(7);
  });

  it('sees progress, money and claims, and what comes back when it cancels', async () => {
    const user = userEvent.setup();
    let shown: object = order;
    const { requests } = renderApp(
      '/orders/ord_1',
      {
        Order: () => ({ data: { order: shown } }),
        CancelOrder: () => {
          shown = { ...order, state: 'CANCELLED', unclaimed: 0, released: 1 };
          return {
            data: { cancelOrder: { order: { id: 'ord_1', state: 'CANCELLED' }, userErrors: [] } },
          };
        },
      },
      trader('BUYER'),
    );
    expect(await screen.findByText(/^RUB\s?3,108\.00$/)).toBeInTheDocument();
    expect(screen.getByText('Reserved').nextSibling).toHaveTextContent(/2,331\.00/);
    expect(screen.getByText('Spent').nextSibling).toHaveTextContent(/777\.00/);
    const row = within(screen.getByRole('row', { name: /Garden/ }));
    expect(row.getByText('95%')).toHaveAttribute('title', '19 of 20 promised leads came in time');
    expect(screen.queryByRole('button', { name: 'Give up' })).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Cancel the order' }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText(/^RUB\s?777\.00$/)).toBeInTheDocument();
    expect(dialog.getByText('Claimed leads that may still come: 2.')).toBeInTheDocument();
    await user.click(dialog.getByRole('button', { name: 'Cancel the order' }));
    expect(await screen.findByText('Cancelled')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Cancel the order' })).not.toBeInTheDocument();
    expect(requests.find((each) => each.name === 'CancelOrder')?.variables).toEqual({
      input: { orderId: 'ord_1', idempotencyKey: KEY },
    });
  });
});

describe('a publisher', () => {
  it('claims a part, sees what it would earn, and never a price', async () => {
    const user = userEvent.setup();
    let taken = true;
    const { requests } = renderApp(
      '/orders/ord_1',
      {
        Order: () => ({ data: { order: { ...seen, claims: [], claimed: 0, unclaimed: 3 } } }),
        ClaimOrder: () => {
          const userErrors = taken
            ? [{ code: 'ORDER_TAKEN', field: null, message: 'So many leads are not open.' }]
            : [];
          const claimOrder = { claim: taken ? null : { id: 'ocl_1' }, userErrors };
          taken = false;
          return { data: { claimOrder } };
        },
      },
      trader('PUBLISHER'),
    );
    await user.click(await screen.findByRole('button', { name: 'Claim a part' }));
    expect(screen.queryByText('Ordered for')).not.toBeInTheDocument();
    const dialog = within(await screen.findByRole('dialog'));
    const send = dialog.getByRole('button', { name: 'Claim a part' });
    await user.type(dialog.getByLabelText(/^How many leads/), '4');
    await user.click(send);
    expect(await dialog.findByText('Enter a whole number from 1 to 3.')).toBeInTheDocument();
    await user.clear(dialog.getByLabelText(/^How many leads/));
    await user.type(dialog.getByLabelText(/^How many leads/), '3');
    expect(dialog.getByText(/^RUB\s?1,981\.35$/)).toBeInTheDocument();
    await user.click(send);
    expect(await dialog.findByText('So many leads are not open.')).toBeInTheDocument();
    await user.click(send);
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    const sent = requests.filter((each) => each.name === 'ClaimOrder');
    expect(sent.map((each) => each.variables)).toEqual([
      { input: { orderId: 'ord_1', wanted: 3, deadline: null, idempotencyKey: KEY } },
      { input: { orderId: 'ord_1', wanted: 3, deadline: null, idempotencyKey: KEY } },
    ]);
  });

  it('gives its claim up, and cannot claim twice', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/orders/ord_1',
      {
        Order: () => ({ data: { order: seen } }),
        ReleaseClaim: () => ({
          data: { releaseClaim: { claim: { id: 'ocl_1', state: 'GIVEN_UP' }, userErrors: [] } },
        }),
      },
      trader('PUBLISHER'),
    );
    await user.click(await screen.findByRole('button', { name: 'Give up' }));
    expect(screen.queryByRole('button', { name: 'Claim a part' })).not.toBeInTheDocument();
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByRole('button', { name: 'Give up' }));
    await waitFor(() =>
      expect(requests.find((each) => each.name === 'ReleaseClaim')?.variables).toEqual({
        input: { claimId: 'ocl_1', idempotencyKey: KEY },
      }),
    );
  });

  it('has a list of what is open and of what it has claimed', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/publisher/orders',
      {
        Orders: () => ({ data: { orders: page([seen]) } }),
        OnTimeShare: () => ({ data: { onTimeShare: claim.onTime } }),
      },
      trader('PUBLISHER'),
    );
    expect(await screen.findByText('95%')).toBeInTheDocument();
    expect(await screen.findByText('1 of 3')).toBeInTheDocument();
    await user.click(screen.getByText('Claimed by me'));
    await waitFor(() =>
      expect(requests.filter((each) => each.name === 'Orders').at(-1)?.variables).toEqual({
        state: null,
        claimed: true,
        first: 25,
        after: null,
      }),
    );
  });
});
