import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../i18n';
import { page, renderApp, viewerOf } from '../../test/app';

const AT = '2026-11-22T10:00:00Z';
const POSTBACK = 'ppb_01jd0000000000000000000001';
const LEAD = 'lead_01jd0000000000000000000001';

const postback = {
  id: POSTBACK,
  name: 'Tracker',
  url: 'https://t.example.com/in?c={click_id}',
  method: 'GET',
  events: ['SOLD', 'CONVERSION_RETURNED'],
  source: null,
  state: 'ACTIVE',
  failingSince: null,
  createdAt: AT,
};

const notice = {
  id: 'ntc_01jd0000000000000000000001',
  eventId: 'hap_01jd0000000000000000000001',
  event: 'SOLD',
  postbackId: POSTBACK,
  lead: { id: LEAD },
  conversionId: null,
  state: 'DEAD',
  attempts: [
    { n: 1, at: AT, status: 503, error: null, durationMs: 41 },
    { n: 2, at: AT, status: null, error: 'timeout', durationMs: 5000 },
  ],
  nextAt: null,
  lastError: 'HTTP 503',
  happenedAt: AT,
  deliveredAt: null,
};

const answers = {
  PublisherPostbacks: () => ({ data: { publisherPostbacks: [postback] } }),
  PostbackMacros: () => ({
    data: {
      postbackMacros: [
        { name: 'click_id', about: { en: 'the click', ru: 'клик' }, example: 'clk_1' },
        { name: 'earning', about: { en: 'what you earn', ru: 'доход' }, example: '425.00' },
      ],
    },
  }),
  SourceNames: () => ({ data: { sources: { nodes: [] } } }),
  Notices: () => ({ data: { notices: page([notice]) } }),
};

function publisher() {
  const viewer = viewerOf('PUBLISHER');
  return { ...viewer, permissions: [...viewer.permissions, 'MANAGE_SOURCES'] };
}

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

describe('a publisher’s postbacks', () => {
  it('are made with an address of known macros and at least one event', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/publisher/postbacks',
      {
        ...answers,
        CreatePublisherPostback: () => ({
          data: {
            createPublisherPostback: {
              postback: { id: POSTBACK },
              secret: 'whsec_1',
              userErrors: [],
            },
          },
        }),
      },
      publisher(),
    );
    await user.click(await screen.findByRole('button', { name: 'New postback' }));
    const dialog = await screen.findByRole('dialog');
    const submit = within(dialog).getByRole('button', { name: 'New postback' });
    await user.type(within(dialog).getByLabelText(/Name/), 'Mine');
    const address = within(dialog).getByLabelText(/Address/);
    await user.click(address);
    await user.paste('https://t.example.com/{nobody}');
    await user.click(within(dialog).getByLabelText('Sold'));
    await user.click(submit);
    expect(within(dialog).getByText('There is no macro {nobody}.')).toBeInTheDocument();
    expect(within(dialog).getByText('Choose at least one event.')).toBeInTheDocument();
    await user.clear(address);
    await user.paste('https://t.example.com/in');
    await user.click(within(dialog).getByRole('button', { name: 'Add {earning} to the address' }));
    expect(within(dialog).getByText(/in\?earning=425\.00$/)).toBeInTheDocument();
    await user.click(within(dialog).getByLabelText('Conversion returned'));
    await user.click(within(dialog).getByLabelText('Sold'));
    await user.click(submit);
    expect(await screen.findByText('whsec_1')).toBeInTheDocument();
    expect(
      requests.find((each) => each.name === 'CreatePublisherPostback')?.variables.input,
    ).toEqual({
      name: 'Mine',
      url: 'https://t.example.com/in?earning={earning}',
      method: 'GET',
      // In the order of the events, however they were chosen.
      events: ['SOLD', 'CONVERSION_RETURNED'],
      sourceId: null,
    });
  });

  it('that are tested lead to the log of that address', async () => {
    const user = userEvent.setup();
    const { router, requests } = renderApp(
      '/publisher/postbacks',
      {
        ...answers,
        TestPostback: () => ({
          data: { testPostback: { notice: { id: notice.id }, userErrors: [] } },
        }),
      },
      publisher(),
    );
    await user.click(await screen.findByRole('button', { name: 'Test' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: 'Test' }));
    await waitFor(() =>
      expect(router.state.location.search).toEqual({ tab: 'log', postback: POSTBACK }),
    );
    await waitFor(() =>
      expect(requests.find((each) => each.name === 'Notices')?.variables).toMatchObject({
        postbackId: POSTBACK,
        leadId: null,
        state: null,
      }),
    );
  });

  it('have a log with every try, and are told again with the same event', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp(
      '/publisher/postbacks?tab=log',
      {
        ...answers,
        ReplayNotice: () => ({
          data: { replayNotice: { notice: { id: notice.id, state: 'PENDING' }, userErrors: [] } },
        }),
      },
      publisher(),
    );
    expect(await screen.findByText('1. 503 · 41 ms')).toBeInTheDocument();
    expect(screen.getByText('2. – · 5000 ms')).toBeInTheDocument();
    expect(screen.getByText('The endpoint failed (503).')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'lead_…00000001' })).toHaveAttribute(
      'href',
      `/leads/${LEAD}`,
    );
    await user.click(screen.getByRole('button', { name: 'Send again' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: 'Send again' }));
    await waitFor(() =>
      expect(requests.find((each) => each.name === 'ReplayNotice')?.variables.input).toMatchObject({
        id: notice.id,
      }),
    );
  });

  it('are only read by operators', async () => {
    renderApp('/operator/postbacks', answers, viewerOf('OPERATOR'));
    expect(await screen.findByText('Tracker')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'New postback' })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Test' })).not.toBeInTheDocument();
  });
});
