/** One hour of the day's curve as the API gives it. */
export interface HourPoint {
  from: string;
  totalCount: number;
  totalMoney: { decimal: string };
  lineCount: number | null;
  lineMoney: { decimal: string } | null;
}

/**
 * The curve for a chart: in money where the day's cap is money, else in leads. Hours that have not
 * begun are not bought yet: null, so that the line ends. Without a cap there is no line to compare.
 */
export function dayPoints(points: readonly HourPoint[], now: number) {
  const inMoney = points.some((point) => point.lineMoney !== null);
  const capped = inMoney || points.some((point) => point.lineCount !== null);
  return {
    inMoney,
    capped,
    points: points.map((point) => {
      const total = inMoney ? Number(point.totalMoney.decimal) : point.totalCount;
      const line = inMoney ? Number(point.lineMoney?.decimal ?? '0') : point.lineCount;
      return {
        from: point.from,
        bought: new Date(point.from).getTime() > now ? null : total,
        line,
      };
    }),
  };
}
