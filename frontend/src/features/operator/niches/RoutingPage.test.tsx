import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../../i18n';
import { page, renderApp, viewerOf } from '../../../test/app';

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

const OFFER = 'ofr_01jd0000000000000000000001';

const niche = {
  id: 'nch_1',
  slug: 'mortgage',
  name: { en: 'Mortgage', ru: 'Ипотека' },
  currency: 'RUB',
  state: 'ACTIVE',
  version: {
    id: 'nsv_3',
    version: 3,
    schema: { type: 'object' },
    policy: { price_floor: 10_000, on_silence: 'ACCEPT' },
    createdAt: '2026-11-22T10:00:00Z',
    fields: [],
    returnReasons: [],
  },
  versions: [{ id: 'nsv_3', version: 3, createdAt: '2026-11-22T10:00:00Z' }],
};

const offer = {
  id: OFFER,
  name: 'Loans',
  state: 'ACTIVE',
  buyer: { id: 'org_2', name: 'Northbank' },
  current: {
    id: 'ofv_1',
    terms: { priority: 4, maxSales: 3, overCap: 'QUARANTINE', sharedPrices: [{ copies: 2 }] },
  },
};

const answers = {
  Niche: () => ({ data: { niche } }),
  OffersToRoute: () => ({ data: { offers: page([offer]) } }),
};

describe('the routing of a niche', () => {
  it('becomes the next version, with the rest of the policy as it was', async () => {
    const user = userEvent.setup();
    const { requests, router } = renderApp(
      '/operator/niches/nch_1/routing',
      {
        ...answers,
        PublishNicheVersion: () => ({
          data: { publishNicheVersion: { niche: { id: 'nch_1' }, userErrors: [] } },
        }),
      },
      viewerOf('OPERATOR'),
    );
    const save = await screen.findByRole('button', { name: 'Publish the routing' });
    expect(save).toBeDisabled();
    expect(await screen.findByText('Both, up to 3: own prices for shared leads')).toBeVisible();
    await user.click(screen.getByLabelText('Group after group'));
    await user.click(save);
    expect(await screen.findByText('Add at least one group.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Add a group' }));
    await user.click(screen.getByRole('combobox', { name: 'Group: Loans' }));
    await user.click(await screen.findByRole('option', { name: 'Group 1', hidden: true }));
    await user.type(screen.getByLabelText('Priority: Loans'), '101');
    await user.click(save);
    expect(await screen.findByText('A whole number from −100 to 100.')).toBeVisible();
    await user.clear(screen.getByLabelText('Priority: Loans'));
    await user.type(screen.getByLabelText('Priority: Loans'), '7');
    await user.click(save);
    await waitFor(() => expect(router.state.location.pathname).toBe('/operator/niches/nch_1'));
    const input = requests.find((each) => each.name === 'PublishNicheVersion')?.variables.input;
    expect(input).toEqual({
      nicheId: 'nch_1',
      schema: { type: 'object' },
      policy: {
        price_floor: 10_000,
        on_silence: 'ACCEPT',
        routing: {
          strategy: 'WATERFALL',
          tie_breaks: [],
          groups: [{ number: 1, strategy: 'AUCTION', tie_breaks: [] }],
          offers: { [OFFER]: { group: 1, priority: 7 } },
        },
      },
    });
  }, 30_000);

  it('shows what the server refuses at its field', async () => {
    const user = userEvent.setup();
    renderApp(
      '/operator/niches/nch_1/routing',
      {
        ...answers,
        PublishNicheVersion: () => ({
          data: {
            publishNicheVersion: {
              niche: null,
              userErrors: [
                {
                  code: 'NICHE_POLICY_INVALID',
                  field: `policy.routing.offers.${OFFER}.priority`,
                  message: 'Too high for today.',
                },
              ],
            },
          },
        }),
      },
      viewerOf('OPERATOR'),
    );
    await user.click(await screen.findByLabelText('By priority'));
    await user.type(await screen.findByLabelText('Priority: Loans'), '9');
    await user.click(screen.getByRole('button', { name: 'Publish the routing' }));
    expect(await screen.findByText('Too high for today.')).toBeVisible();
    expect(screen.getByLabelText('Priority: Loans')).toHaveAttribute('aria-invalid', 'true');
  });

  it('cannot be changed without the right', async () => {
    const viewer = { ...viewerOf('OPERATOR'), permissions: ['READ_OWN'] };
    renderApp('/operator/niches/nch_1/routing', answers, viewer);
    expect(await screen.findByText('Your role does not allow this.')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Publish the routing' })).not.toBeInTheDocument();
  });
});
