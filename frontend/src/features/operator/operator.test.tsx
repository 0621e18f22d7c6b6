import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../i18n';
import { page, renderApp, viewerOf } from '../../test/app';

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

const money = (decimal: string) => ({
  minor: decimal.replace('.', ''),
  currency: 'RUB',
  decimal,
});

describe('approvals', () => {
  it('approve an organization after a confirmation, and read the queue again', async () => {
    const user = userEvent.setup();
    let waiting = true;
    const { requests } = renderApp(
      '/operator/approvals',
      {
        Organizations: () => ({
          data: {
            organizations: page(
              waiting
                ? [
                    {
                      id: 'org_9',
                      name: 'Northbank',
                      kind: 'BUYER',
                      state: 'PENDING',
                      country: 'RU',
                      timeZone: 'Europe/Moscow',
                      createdAt: '2026-11-22T10:00:00Z',
                    },
                  ]
                : [],
            ),
          },
        }),
        DecideOrganization: () => {
          waiting = false;
          return {
            data: {
              decideOrganization: {
                organization: { id: 'org_9', state: 'ACTIVE' },
                userErrors: [],
              },
            },
          };
        },
      },
      viewerOf('OPERATOR'),
    );
    await user.click(await screen.findByRole('button', { name: 'Approve' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: 'Confirm' }));
    expect(await screen.findByText('Nothing waits. Well done.')).toBeInTheDocument();
    expect(requests.find((each) => each.name === 'DecideOrganization')?.variables).toEqual({
      input: {
        id: 'org_9',
        state: 'ACTIVE',
        note: null,
        idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      },
    });
  });

  it('refuse only with a note', async () => {
    const user = userEvent.setup();
    renderApp(
      '/operator/approvals?tab=sources',
      {
        OperatorSources: () => ({
          data: {
            sources: page([
              {
                id: 'src_1',
                name: 'help.example',
                kind: 'FORM',
                traffic: 'search',
                niche: { id: 'nch_1', name: { en: 'Mortgage', ru: 'Ипотека' } },
                publisher: { id: 'org_2', name: 'Garden', state: 'ACTIVE' },
                targetOffer: null,
                maxSales: 1,
                minEarning: null,
                state: 'PENDING',
                postingKeyPrefix: 'pk_1',
                note: null,
                createdAt: '2026-11-22T10:00:00Z',
                decidedAt: null,
              },
            ]),
          },
        }),
      },
      viewerOf('OPERATOR'),
    );
    await user.click(await screen.findByRole('button', { name: 'Refuse' }));
    const dialog = await screen.findByRole('dialog');
    const confirm = within(dialog).getByRole('button', { name: 'Confirm' });
    expect(confirm).toBeDisabled();
    await user.type(within(dialog).getByLabelText(/Note/), 'No such site');
    expect(confirm).toBeEnabled();
  });
});

describe('disputes', () => {
  const dispute = {
    id: 'dsp_1',
    kind: 'RETURN',
    state: 'CONTESTED',
    reasonCode: 'PHONE_NOT_WORKING',
    reasonLabel: { en: 'The phone does not work', ru: 'Телефон не работает' },
    claimedBps: 10000,
    decidedBps: null,
    awardId: 'awd_1',
    offerId: 'ofr_1',
    claim: null,
    conversion: { id: 'cnv_1', goal: 'LEAD', state: 'HELD' },
    leadId: 'lead_1',
    offerName: 'Mortgage, Moscow',
    buyer: { id: 'org_1', name: 'Northbank' },
    publisher: { id: 'org_2', name: 'Garden' },
    amount: money('1250.00'),
    answerBy: '2026-11-23T10:00:00Z',
    decideBy: '2026-11-25T10:00:00Z',
    lockAt: '2026-11-30T10:00:00Z',
    openedAt: '2026-11-22T10:00:00Z',
    resolvedAt: null,
    events: [
      {
        seq: 1,
        code: 'OPENED',
        actor: 'Boris',
        organizationKind: 'BUYER',
        comment: 'Nobody answers.',
        at: '2026-11-22T10:00:00Z',
      },
    ],
  };

  it('are decided in part with a share and words, and one idempotency key', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/disputes/dsp_1',
      {
        DisputePage: () => ({ data: { dispute } }),
        DecideDispute: () => ({
          data: {
            decideDispute: {
              dispute: null,
              userErrors: [{ code: 'STALE', field: null, message: 'Load it again.' }],
            },
          },
        }),
      },
      viewerOf('OPERATOR'),
    );
    expect(await screen.findByText('Nobody answers.')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Decide' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByLabelText('Uphold in part'));
    const share = within(dialog).getByLabelText(/Share decided/);
    await user.clear(share);
    await user.type(share, '12.5');
    await user.type(within(dialog).getByLabelText(/Comment/), 'Half a mistake');
    await user.click(within(dialog).getByRole('button', { name: 'Decide' }));
    expect(await within(dialog).findByText('Load it again.')).toBeInTheDocument();
    const input = requests.find((each) => each.name === 'DecideDispute')?.variables.input;
    expect(input).toMatchObject({
      disputeId: 'dsp_1',
      outcome: 'PARTIAL',
      shareBps: 1250,
      comment: 'Half a mistake',
    });
    expect((input as { idempotencyKey?: string }).idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('cannot be decided without the right', async () => {
    const viewer = { ...viewerOf('OPERATOR'), permissions: ['READ_OWN'] };
    renderApp('/disputes/dsp_1', { DisputePage: () => ({ data: { dispute } }) }, viewer);
    expect(await screen.findByText('Nobody answers.')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Decide' })).not.toBeInTheDocument();
  });
});

describe('top-ups', () => {
  it('show a refusal at its field', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/operator/top-ups',
      {
        TopUps: () => ({ data: { topUps: page([]) } }),
        CardMoney: () => ({
          data: { cardPayments: true, held: page([]), open: page([]), told: page([]) },
        }),
        BuyersToTopUp: () => ({
          data: {
            organizations: { nodes: [{ id: 'org_9', name: 'Northbank' }] },
            niches: [{ id: 'nch_1', currency: 'RUB' }],
          },
        }),
        RecordTopUp: () => ({
          data: {
            recordTopUp: {
              topUp: null,
              userErrors: [
                { code: 'BAD_REFERENCE', field: 'input.reference', message: 'Used already.' },
              ],
            },
          },
        }),
      },
      viewerOf('OPERATOR'),
    );
    await user.click(await screen.findByRole('button', { name: 'Record a top-up' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByLabelText(/Buyer/));
    await user.click(await screen.findByRole('option', { name: 'Northbank', hidden: true }));
    await user.click(within(dialog).getByLabelText(/Currency/));
    await user.click(await screen.findByRole('option', { name: 'RUB', hidden: true }));
    await user.type(within(dialog).getByLabelText(/Amount/), '1 250,50');
    await user.type(within(dialog).getByLabelText(/Reference/), 'INV-1');
    await user.click(within(dialog).getByRole('button', { name: 'Record a top-up' }));
    expect(await within(dialog).findByText('Used already.')).toBeInTheDocument();
    expect(requests.find((each) => each.name === 'RecordTopUp')?.variables.input).toMatchObject({
      buyerId: 'org_9',
      amount: { minor: '125050', currency: 'RUB' },
      rail: 'BANK',
      reference: 'INV-1',
    });
  });
});

describe('a lead', () => {
  it('looks the same when denied and when missing', async () => {
    renderApp(
      '/leads/lead_404',
      {
        LeadPage: () => ({
          data: { lead: null },
          errors: [{ message: 'no', path: ['lead'], extensions: { code: 'NOT_FOUND' } }],
        }),
      },
      viewerOf('OPERATOR'),
    );
    await waitFor(() => expect(screen.getByText('There is nothing here')).toBeInTheDocument());
  });
});
