import { describe, expect, it } from 'vitest';
import { dayPoints, type HourPoint } from './dayPoints';

const hour = (from: string, totalCount: number, decimal: string): HourPoint => ({
  from,
  totalCount,
  totalMoney: { decimal },
  lineCount: null,
  lineMoney: null,
});
const DAY = [
  hour('2026-11-22T09:00:00Z', 2, '20.50'),
  hour('2026-11-22T10:00:00Z', 3, '30.75'),
  hour('2026-11-22T11:00:00Z', 3, '30.75'),
];
const NOW = Date.parse('2026-11-22T10:30:00Z');

describe('the curve of a day', () => {
  it('ends now, and has no line without a cap', () => {
    expect(dayPoints(DAY, NOW)).toEqual({
      inMoney: false,
      capped: false,
      points: [
        { from: '2026-11-22T09:00:00Z', bought: 2, line: null },
        { from: '2026-11-22T10:00:00Z', bought: 3, line: null },
        { from: '2026-11-22T11:00:00Z', bought: null, line: null },
      ],
    });
  });

  it('is money where the cap is money', () => {
    const capped = DAY.map((point) => ({
      ...point,
      lineCount: 5,
      lineMoney: { decimal: '40.00' },
    }));
    const { inMoney, points } = dayPoints(capped, NOW);
    expect(inMoney).toBe(true);
    expect(points.map((point) => [point.bought, point.line])).toEqual([
      [20.5, 40],
      [30.75, 40],
      [null, 40],
    ]);
  });

  it('is leads where the cap counts', () => {
    const { inMoney, capped, points } = dayPoints(
      DAY.map((point, i) => ({ ...point, lineCount: i })),
      NOW,
    );
    expect([inMoney, capped]).toEqual([false, true]);
    expect(points.map((point) => point.line)).toEqual([0, 1, 2]);
  });
});
