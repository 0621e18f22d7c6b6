import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../i18n';
import { page, renderApp, viewerOf } from '../../test/app';

const AT = '2026-11-22T10:00:00Z';
const rub = (minor: string, decimal: string) => ({ minor, currency: 'RUB', decimal });
const CALL = 'call_01jd0000000000000000000001';
const OFFER = 'ofr_01jd0000000000000000000001';
const SOURCE = 'src_01jd0000000000000000000001';
const LEAD = 'lead_01jd0000000000000000000001';

const call = {
  id: CALL,
  state: 'QUALIFIED',
  caller: '+79161234567',
  source: null,
  offer: { id: OFFER },
  offerName: 'Calls, Moscow',
  connectedSeconds: 95,
  minCallSeconds: 60,
  price: rub('100000', '1000.00'),
  earning: null,
  conversion: { id: 'cnv_01jd0000000000000000000001', state: 'HELD' },
  createdAt: AT,
};

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

/** The cells of the row with this text. */
function cells(text: string): string[] {
  const row = screen.getByText(text).closest('tr');
  return within(row as HTMLElement)
    .getAllByRole('cell')
    .map((cell) => cell.textContent);
}

describe('calls', () => {
  it('are filtered from the address, with links to offer and charge', async () => {
    const { requests } = renderApp(
      `/buyer/calls?state=QUALIFIED&offer=${OFFER}`,
      {
        Calls: () => ({ data: { calls: page([call]) } }),
        OfferNames: () => ({ data: { offers: { nodes: [] } } }),
      },
      viewerOf('BUYER'),
    );
    expect(await screen.findByText('+79161234567')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Calls, Moscow' })).toHaveAttribute(
      'href',
      `/buyer/offers/${OFFER}`,
    );
    expect(screen.getByRole('link', { name: 'call_…00000001' })).toHaveAttribute(
      'href',
      `/calls/${CALL}`,
    );
    expect(screen.getByText('paid from 60')).toBeInTheDocument();
    const asked = requests.find((each) => each.name === 'Calls');
    expect(asked?.variables).toEqual({
      state: 'QUALIFIED',
      offerId: OFFER,
      sourceId: null,
      first: 25,
      after: null,
    });
  });

  it('that nobody bought say why', async () => {
    const unsold = {
      ...call,
      state: 'UNSOLD',
      offer: null,
      offerName: null,
      source: { id: SOURCE, name: 'Radio' },
      connectTo: null,
      lead: { id: LEAD, reasons: [{ code: 'NO_CONNECTION', message: '' }] },
      award: null,
      conversion: null,
      price: null,
      connectedSeconds: null,
      minCallSeconds: null,
      startedAt: AT,
      connectedAt: null,
      endedAt: null,
      decidedAt: null,
      closeAt: AT,
    };
    renderApp(
      `/calls/${CALL}`,
      { CallPage: () => ({ data: { call: unsold } }) },
      viewerOf('PUBLISHER'),
    );
    expect(await screen.findByText('The offer has not said where its calls go.')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Radio' })).toHaveAttribute(
      'href',
      `/publisher/sources/${SOURCE}`,
    );
    expect(screen.getByText('Started')).toBeInTheDocument();
    expect(screen.queryByText('Decided')).not.toBeInTheDocument();
  });

  it('are told by hand with what belongs to the event, and opened', async () => {
    const user = userEvent.setup();
    const viewer = viewerOf('PUBLISHER');
    const { requests, router } = renderApp(
      '/publisher/calls',
      {
        Calls: () => ({ data: { calls: page([]) } }),
        SourceNames: () => ({ data: { sources: { nodes: [{ id: SOURCE, name: 'Radio' }] } } }),
        ReportCall: () => ({
          data: { reportCall: { call: { callId: CALL, state: 'TOO_SHORT' }, userErrors: [] } },
        }),
        CallPage: () => ({ data: { call: null } }),
      },
      { ...viewer, permissions: [...viewer.permissions, 'SUBMIT_LEADS'] },
    );
    await user.click(await screen.findByRole('button', { name: 'Tell an event' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('combobox', { name: /Source/ }));
    // The list behind the dialog has a filter of its own.
    const found = await screen.findAllByRole('option', { name: 'Radio', hidden: true });
    await user.click(found.at(-1) as HTMLElement);
    await user.click(within(dialog).getByRole('combobox', { name: 'Event' }));
    await user.click(await screen.findByRole('option', { name: 'Ended', hidden: true }));
    await user.type(within(dialog).getByLabelText(/Your id of the call/), 'pbx 17');
    expect(within(dialog).queryByLabelText(/Caller/)).not.toBeInTheDocument();
    await user.click(within(dialog).getByRole('button', { name: 'Tell an event' }));
    expect(await within(dialog).findByText('Fill this in.')).toBeInTheDocument();
    await user.type(within(dialog).getByLabelText(/Connected, seconds/), '12');
    await user.click(within(dialog).getByRole('button', { name: 'Tell an event' }));
    await waitFor(() => expect(router.state.location.pathname).toBe(`/calls/${CALL}`));
    const told = requests.find((each) => each.name === 'ReportCall')?.variables.input;
    expect(told).toMatchObject({
      sourceId: SOURCE,
      event: 'ENDED',
      externalId: 'pbx 17',
      caller: null,
      connectedSeconds: 12,
    });
  });
});

describe('clicks', () => {
  it('are summed up by the sub-id in the address', async () => {
    const { requests } = renderApp(
      `/publisher/clicks?source=${SOURCE}&by=2&days=7`,
      {
        SourceNames: () => ({ data: { sources: { nodes: [{ id: SOURCE, name: 'Radio' }] } } }),
        Clicks: () => ({
          data: {
            clicks: page([
              {
                id: 'clk_01jd0000000000000000000001',
                source: { id: SOURCE, name: 'Radio' },
                offerName: 'Calls, Moscow',
                bot: 'RATE',
                marks: [{ name: 'sub2', value: 'evening' }],
                leads: [{ id: LEAD }],
                createdAt: AT,
              },
            ]),
          },
        }),
        ClickStats: () => ({
          data: {
            clickStats: [
              {
                key: 'morning',
                clicks: 40,
                bots: 2,
                leads: 8,
                conversions: 5,
                rateBps: 1250,
                earning: rub('85000', '850.00'),
              },
              {
                key: '',
                clicks: 1,
                bots: 0,
                leads: 0,
                conversions: 0,
                rateBps: 0,
                earning: rub('0', '0.00'),
              },
            ],
          },
        }),
      },
      viewerOf('PUBLISHER'),
    );
    expect(await screen.findByText('morning')).toBeInTheDocument();
    expect(cells('morning').slice(1, 6)).toEqual(['40', '2', '8', '5', '12.5%']);
    expect(cells('without one').slice(1, 3)).toEqual(['1', '0']);
    expect(screen.getByText('Too many from one address')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'lead_…00000001' })).toHaveAttribute(
      'href',
      `/leads/${LEAD}`,
    );
    const asked = requests.find((each) => each.name === 'ClickStats')?.variables;
    expect(asked).toMatchObject({ sourceId: SOURCE, subId: 2 });
    const days = Date.parse(String(asked?.to)) - Date.parse(String(asked?.from));
    expect(days).toBe(7 * 86_400_000);
  });

  it('are never summed up by sub-ids for operators, whose words they are not', async () => {
    const { requests } = renderApp(
      '/operator/clicks?by=2',
      {
        SourceNames: () => ({ data: { sources: { nodes: [] } } }),
        Clicks: () => ({ data: { clicks: page([]) } }),
        ClickStats: () => ({ data: { clickStats: [] } }),
      },
      viewerOf('OPERATOR'),
    );
    expect(await screen.findByText('No clicks in this period.')).toBeInTheDocument();
    expect(requests.find((each) => each.name === 'ClickStats')?.variables.subId).toBeNull();
    expect(screen.queryByLabelText('Summed up by')).not.toBeInTheDocument();
  });
});

describe('pings', () => {
  const ping = {
    id: 'png_01jd0000000000000000000001',
    state: 'POSTED',
    niche: {
      id: 'nch_1',
      name: { en: 'Mortgage', ru: 'Ипотека' },
      currency: 'RUB',
      version: { id: 'nsv_1', fields: [] },
    },
    source: { id: SOURCE, name: 'Radio', publisher: { id: 'org_9', name: 'Traffic Garden' } },
    fields: { region: 'RU-MOW' },
    hashedFields: ['phone'],
    score: 61,
    reasons: [],
    bids: [
      {
        id: 'bid_01jd0000000000000000000001',
        offerId: OFFER,
        offerName: 'Mortgage, Moscow',
        state: 'CAPTURED',
        copies: 2,
        earning: rub('42500', '425.00'),
        price: null,
        reserved: null,
        award: { id: 'awd_01jd0000000000000000000001' },
        expiresAt: AT,
        endedAt: AT,
      },
      {
        id: 'bid_01jd0000000000000000000002',
        offerId: OFFER,
        offerName: 'Any mortgage',
        state: 'RELEASED',
        copies: 1,
        earning: rub('38250', '382.50'),
        price: null,
        reserved: null,
        award: null,
        expiresAt: AT,
        endedAt: AT,
      },
    ],
    lead: { id: LEAD },
    trace: null,
    receivedAt: AT,
    expiresAt: AT,
    endedAt: AT,
  };

  it('show a publisher each bid and its end, and no price', async () => {
    renderApp(`/pings/${ping.id}`, { PingPage: () => ({ data: { ping } }) }, viewerOf('PUBLISHER'));
    expect(await screen.findByText('Bought')).toBeInTheDocument();
    expect(screen.getByText('Not taken')).toBeInTheDocument();
    expect(screen.getByText('up to 2 buyers')).toBeInTheDocument();
    expect(screen.getByText('this buyer only')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Mortgage, Moscow' })).toHaveAttribute(
      'href',
      `/publisher/catalogue/${OFFER}`,
    );
    expect(screen.queryByText('Price')).not.toBeInTheDocument();
    expect(screen.queryByText('Bid log')).not.toBeInTheDocument();
  });

  it('have a posted share per source, with its publisher for operators', async () => {
    const user = userEvent.setup();
    renderApp(
      '/operator/pings',
      {
        Pings: () => ({ data: { pings: page([]) } }),
        SourceNames: () => ({ data: { sources: { nodes: [] } } }),
        PingRatios: () => ({
          data: {
            pingRatios: [
              {
                source: ping.source,
                pings: 10,
                withBids: 8,
                posted: 3,
                expired: 4,
                postRatioBps: 4286,
              },
            ],
          },
        }),
      },
      viewerOf('OPERATOR'),
    );
    await user.click(await screen.findByRole('tab', { name: 'Posted share' }));
    expect(await screen.findByText('Traffic Garden')).toBeInTheDocument();
    expect(cells('Traffic Garden')).toEqual([
      'Traffic Garden',
      'Radio',
      '10',
      '8',
      '3',
      '4',
      '42.86%',
    ]);
  });
});
