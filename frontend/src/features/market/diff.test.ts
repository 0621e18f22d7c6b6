import { describe, expect, it } from 'vitest';
import { capOf, changeKind, sharedAmounts, termOf, windowsOf } from './diff';

describe('changes of terms', () => {
  it.each([
    ['goals[LEAD].price', 'price', 'LEAD.price', 'money'],
    ['goals[SALE]', 'price', 'SALE', 'goal'],
    ['goals[LEAD].earning', 'price', 'LEAD.earning', 'money'],
    ['goals[SALE].attribution_window_s', 'price', 'SALE.attributionWindowS', 'duration'],
    ['goals[SALE].reserve_bps', 'price', 'SALE.reserveBps', 'share'],
    ['caps[DAY].count', 'caps', 'DAY.count', 'plain'],
    ['caps[TOTAL].money', 'caps', 'TOTAL.money', 'money'],
    ['caps[DAY]', 'caps', 'DAY', 'cap'],
    ['publisher_caps[WEEK]', 'publisherCaps', 'WEEK', 'cap'],
    ['shared_prices', 'sharedPrices', '', 'shared'],
    ['schedule.windows', 'schedule', 'windows', 'windows'],
    ['over_cap', 'overCap', '', 'overCap'],
    ['pacing', 'pacing', '', 'pacing'],
    ['mode', 'mode', '', 'mode'],
    ['schedule.time_zone', 'schedule', 'timeZone', 'plain'],
    ['hold_s', 'hold', '', 'duration'],
    ['max_return_share_bps', 'maxReturn', '', 'share'],
    ['conditions', 'conditions', '', 'conditions'],
    ['visibility', 'visibility', '', 'visibility'],
    ['something_new', null, '', 'plain'],
  ])('%s is %s %s, shown as %s', (path, label, rest, kind) => {
    expect(termOf(path)).toMatchObject({ label, rest });
    expect(changeKind(path)).toBe(kind);
  });

  it('reads what shared copies pay or earn', () => {
    expect(
      sharedAmounts([
        { copies: 2, earning: 34_000 },
        { copies: 3, price: 100 },
      ]),
    ).toEqual([
      { copies: 2, minor: '34000' },
      { copies: 3, minor: '100' },
    ]);
    expect(sharedAmounts([])).toEqual([]);
    expect(sharedAmounts([{ copies: 2 }])).toBeNull();
    expect(sharedAmounts('dear')).toBeNull();
  });

  it('reads caps and windows', () => {
    expect(capOf({ period: 'DAY', count: 20, money: null })).toEqual({ count: 20, minor: null });
    expect(capOf({ period: 'DAY', money: 5_000 })).toEqual({ count: null, minor: '5000' });
    expect(capOf({ period: 'DAY' })).toBeNull();
    expect(windowsOf([{ days: [1, 2], from_minute: 540, to_minute: 1080, count: 7 }])).toEqual([
      { days: [1, 2], fromMinute: 540, toMinute: 1080, count: 7, minor: null },
    ]);
    expect(windowsOf([{ days: 'all' }])).toBeNull();
  });
});
