import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { safeNext } from '../features/auth/SignIn';
import { chooseLanguage } from '../i18n';
import { page, renderApp, viewerOf } from '../test/app';

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

const EMPTY_DASHBOARD = {
  data: {
    dashboard: {
      leadsToday: 7,
      soldToday: 5,
      spentToday: [],
      earnedToday: [],
      openDisputes: 0,
      pendingOrganizations: 1,
      pendingOffers: 0,
      pendingSources: 0,
      pendingParticipations: 0,
      heldLeads: 0,
      days: [],
    },
  },
};

describe('signing in', () => {
  it('asks for it, fills in a demo login, and shows the refusal at the form', async () => {
    const user = userEvent.setup();
    const { requests, router } = renderApp(
      '/operator/leads',
      {
        Demo: () => ({
          data: {
            demo: {
              logins: [
                {
                  email: 'op@demo.test',
                  password: 'secret-1',
                  organization: 'Demo',
                  kind: 'OPERATOR',
                },
              ],
            },
          },
        }),
        SignIn: () => ({
          data: {
            signIn: {
              viewer: null,
              userErrors: [{ code: 'RATE_LIMITED', field: null, message: 'Wait a minute.' }],
            },
          },
        }),
      },
      null,
    );
    await user.click(await screen.findByRole('button', { name: 'Use: Demo' }));
    expect(router.state.location.pathname).toBe('/sign-in');
    expect(screen.getByLabelText(/E-mail/)).toHaveValue('op@demo.test');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByText('Wait a minute.')).toBeInTheDocument();
    const sent = requests.find((each) => each.name === 'SignIn');
    expect(sent?.variables).toEqual({ input: { email: 'op@demo.test', password: 'secret-1' } });
  });

  it('returns only to pages of this site', () => {
    expect(safeNext('/leads/lead_1')).toBe('/leads/lead_1');
    expect(safeNext('//evil.example')).toBe('/');
    expect(safeNext('/\\evil.example')).toBe('/');
    expect(safeNext('https://evil.example')).toBe('/');
    expect(safeNext(undefined)).toBe('/');
  });
});

describe('the frame', () => {
  it('shows what the role may see, and sends the CSRF token', async () => {
    const viewer = { ...viewerOf('OPERATOR'), permissions: ['READ_OWN', 'READ_LEADS'] };
    const { requests } = renderApp('/', { Dashboard: () => EMPTY_DASHBOARD }, viewer);
    expect(await screen.findByRole('heading', { name: 'Start' })).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Leads' })).toBeInTheDocument();
    expect(screen.queryByRole('link', { name: 'Ledger' })).not.toBeInTheDocument();
    expect(screen.queryByRole('link', { name: 'Audit log' })).not.toBeInTheDocument();
    const asked = requests.find((each) => each.name === 'Dashboard');
    expect(asked?.headers.get('X-CSRF-Token')).toBe('csrf-1');
  });

  it('counts held leads beside the other queues', async () => {
    const { dashboard } = EMPTY_DASHBOARD.data;
    const held = { data: { dashboard: { ...dashboard, heldLeads: 41 } } };
    renderApp('/', { Dashboard: () => held }, viewerOf('OPERATOR'));
    expect(await screen.findByText('41')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Held leads to decide' })).toHaveAttribute(
      'href',
      '/operator/approvals?tab=leads',
    );
  });

  it('speaks Russian when told', async () => {
    const user = userEvent.setup();
    const viewer = viewerOf('OPERATOR');
    renderApp(
      '/',
      {
        Dashboard: () => EMPTY_DASHBOARD,
        SetLocale: () => {
          viewer.user = { ...viewer.user, locale: 'ru' };
          return { data: { setLocale: { viewer: null, userErrors: [] } } };
        },
      },
      viewer,
    );
    await user.click(await screen.findByText('RU'));
    expect(await screen.findByRole('heading', { name: 'Главная' })).toBeInTheDocument();
    expect(document.documentElement.lang).toBe('ru');
  });

  it('says so when a page does not exist', async () => {
    renderApp('/no/such/page', {}, viewerOf('BUYER'));
    expect(await screen.findByText('There is nothing here')).toBeInTheDocument();
  });

  it('shows a failed read with a way to try again', async () => {
    const user = userEvent.setup();
    let broken = true;
    renderApp(
      '/',
      {
        Dashboard: () =>
          broken
            ? { errors: [{ message: 'x', extensions: { code: 'OVERLOADED' } }] }
            : EMPTY_DASHBOARD,
      },
      viewerOf('OPERATOR'),
    );
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('That did not load');
    broken = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.getByText('7')).toBeInTheDocument());
  });
});

describe('lists', () => {
  const lead = (id: string) => ({
    id,
    niche: { id: 'nch_1', name: { en: 'Mortgage', ru: 'Ипотека' } },
    source: null,
    publisher: null,
    state: 'SOLD',
    reasonCode: null,
    score: 80,
    temperature: 'HOT',
    copies: 1,
    receivedAt: '2026-11-22T10:00:00Z',
  });

  it('load more from the cursor, and remember how far in the address', async () => {
    const user = userEvent.setup();
    const { requests, router } = renderApp(
      '/operator/leads?state=SOLD',
      {
        NicheNames: () => ({ data: { niches: [] } }),
        OperatorLeads: ({ after }) => ({
          data: {
            leads: after === 'c1' ? page([lead('lead_2')]) : page([lead('lead_1')], 'c1'),
          },
        }),
      },
      viewerOf('OPERATOR'),
    );
    expect(await screen.findByText('lead_1')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Load more' }));
    expect(await screen.findByText('lead_2')).toBeInTheDocument();
    expect(screen.getByText('lead_1')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Load more' })).not.toBeInTheDocument();
    expect(router.state.location.search).toMatchObject({ state: 'SOLD' });
    expect(String((router.state.location.search as { pages?: unknown }).pages)).toBe('2');
    const lists = requests.filter((each) => each.name === 'OperatorLeads');
    expect(lists[0]?.variables).toMatchObject({ state: 'SOLD', first: 25, after: null });
  });

  it('ignore a filter that the API does not know', async () => {
    const { requests } = renderApp(
      '/operator/leads?state=NONSENSE',
      {
        NicheNames: () => ({ data: { niches: [] } }),
        OperatorLeads: () => ({ data: { leads: page([]) } }),
      },
      viewerOf('OPERATOR'),
    );
    expect(await screen.findByText(/Nothing/)).toBeInTheDocument();
    const asked = requests.find((each) => each.name === 'OperatorLeads');
    expect(asked?.variables).toMatchObject({ state: null });
  });
});
