import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';
import { chooseLanguage } from '../../../i18n';
import { page, renderApp, viewerOf } from '../../../test/app';

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

it('lets a publisher in at an own price, with one idempotency key', async () => {
  const user = userEvent.setup();
  let decided = false;
  const row = {
    id: 'prt_1',
    offerId: 'ofr_1',
    offerName: 'Loans',
    state: 'REQUESTED',
    message: 'Search traffic',
    note: null,
    createdAt: '2026-11-22T10:00:00Z',
    decidedAt: null,
    price: null,
    niche: { id: 'nch_1', currency: 'RUB' },
    publisher: { id: 'org_9', name: 'Flow' },
  };
  const buyer = viewerOf('BUYER');
  const { requests } = renderApp(
    '/buyer/participations',
    {
      OfferParticipations: () => ({ data: { participations: page(decided ? [] : [row]) } }),
      DecideParticipation: () => {
        decided = true;
        const price = { minor: '120050', currency: 'RUB', decimal: '1200.50' };
        const participation = { id: 'prt_1', state: 'APPROVED', price };
        return { data: { decideParticipation: { participation, userErrors: [] } } };
      },
    },
    { ...buyer, permissions: [...buyer.permissions, 'MANAGE_OFFERS'] },
  );
  expect(await screen.findByText("the offer's")).toBeInTheDocument();
  await user.click(await screen.findByRole('button', { name: 'Approve' }));
  const dialog = await screen.findByRole('dialog');
  await user.type(within(dialog).getByLabelText(/^Own price/), '1200.50');
  await user.click(within(dialog).getByRole('button', { name: 'Approve' }));
  expect(await screen.findByText('Nobody waits for an answer.')).toBeInTheDocument();
  expect(requests.find((each) => each.name === 'DecideParticipation')?.variables).toEqual({
    input: {
      id: 'prt_1',
      state: 'APPROVED',
      price: { minor: '120050', currency: 'RUB' },
      note: null,
      idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    },
  });
});
