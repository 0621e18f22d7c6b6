import { describe, expect, it } from 'vitest';
import { changeKind, termOf } from './diff';

describe('changes of terms', () => {
  it.each([
    ['goals[LEAD].price', 'price', 'LEAD.price', 'money'],
    ['goals[SALE]', 'price', 'SALE', 'goal'],
    ['goals[LEAD].earning', 'price', 'LEAD.earning', 'money'],
    ['goals[SALE].attribution_window_s', 'price', 'SALE.attributionWindowS', 'duration'],
    ['goals[SALE].reserve_bps', 'price', 'SALE.reserveBps', 'share'],
    ['caps[DAY].count', 'caps', 'DAY.count', 'plain'],
    ['caps[TOTAL].money', 'caps', 'TOTAL.money', 'money'],
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
});
