import { screen } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../i18n';
import { page, renderApp, viewerOf } from '../../test/app';

beforeEach(async () => {
  window.localStorage.clear();
  await chooseLanguage('en');
});

const AT = '2026-11-22T10:00:00Z';

describe('ids', () => {
  it('of a settlement lead to the run, however old it is', async () => {
    const run = {
      __typename: 'SettlementRun',
      id: 'run_1',
      periodFrom: AT,
      periodTo: AT,
      state: 'CLOSED',
      totals: [],
      files: [],
      createdAt: AT,
      createdBy: 'system',
    };
    const { requests } = renderApp(
      '/operator/settlements/run_1',
      {
        SettlementRun: () => ({ data: { node: run } }),
        SettlementRunStatements: () => ({
          data: { node: { __typename: 'SettlementRun', id: 'run_1', statements: page([]) } },
        }),
      },
      viewerOf('OPERATOR'),
    );
    expect(await screen.findByText('Settlement run run_1')).toBeInTheDocument();
    const asked = requests.find((each) => each.name === 'SettlementRun');
    expect(asked?.variables).toEqual({ id: 'run_1' });
  });

  it('of somebody else’s member say that it is one', async () => {
    renderApp('/records/usr_9', { Record: () => ({ data: { node: null } }) }, viewerOf('BUYER'));
    expect(
      await screen.findByText(
        'Somebody of another organization: the exchange shows you no more of them.',
      ),
    ).toBeInTheDocument();
  });

  it('in the audit log are links, in subjects and details', async () => {
    const user = 'usr_01jd0000000000000000000001';
    const member = 'mem_01jd0000000000000000000002';
    renderApp(
      '/operator/audit',
      {
        AuditLog: () => ({
          data: {
            auditLog: page([
              {
                id: 'aud_1',
                organization: { id: 'org_9', name: 'Northbank' },
                actor: 'system',
                action: 'member.add',
                subject: member,
                detail: { user, role: 'MANAGER' },
                at: AT,
                hash: 'abcdef0123456789',
              },
            ]),
          },
        }),
      },
      viewerOf('OPERATOR'),
    );
    const subject = await screen.findByRole('link', { name: 'mem_…00000002' });
    expect(subject).toHaveAttribute('href', '/operator/organizations/org_9');
    expect(screen.getByRole('link', { name: user })).toHaveAttribute('href', `/records/${user}`);
  });

  it('of a niche lead a publisher to its rules, without prices', async () => {
    const niche = {
      id: 'nch_1',
      slug: 'mortgage',
      name: { en: 'Mortgage', ru: 'Ипотека' },
      currency: 'RUB',
      version: {
        id: 'nsv_1',
        version: 1,
        policy: { price_floor: 10_000, max_return_window_s: 432_000, on_silence: 'ACCEPT' },
        createdAt: AT,
        fields: [],
        returnReasons: [
          {
            code: 'PHONE_NOT_WORKING',
            label: { en: 'The phone does not work', ru: 'Телефон не работает' },
            commentRequired: false,
          },
        ],
      },
      versions: [{ id: 'nsv_1', version: 1, createdAt: AT }],
    };
    renderApp('/niches/nch_1', { Niche: () => ({ data: { niche } }) }, viewerOf('PUBLISHER'));
    expect(await screen.findByText('The phone does not work')).toBeInTheDocument();
    expect(screen.getByText('5 days')).toBeInTheDocument();
    expect(screen.getByText('accepts the return')).toBeInTheDocument();
    expect(screen.queryByText('Lowest price of a lead')).not.toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'nsv_1' })).toHaveAttribute(
      'href',
      '/niche-versions/nsv_1',
    );
  });
});
