import { describe, expect, it } from 'vitest';
import { landing, trackingLink } from './trackingLink';

describe('the tracking link', () => {
  const origin = 'https://exchange.example.com';

  it('names the source, and carries the marks that are there, escaped', () => {
    expect(trackingLink({ origin, source: 'src_1', marks: [] })).toBe(
      'https://exchange.example.com/c/src_1',
    );
    const marks = [
      ['sub1', ' radio & tv '],
      ['sub2', '  '],
      ['utm_source', 'радио'],
    ] as const;
    expect(trackingLink({ origin, source: 'src_1', marks })).toBe(
      'https://exchange.example.com/c/src_1?sub1=radio+%26+tv&utm_source=%D1%80%D0%B0%D0%B4%D0%B8%D0%BE',
    );
  });

  it('leads to the landing page with the click id behind whatever is there', () => {
    expect(landing('https://shop.example.com', 'click_id')).toBe(
      'https://shop.example.com/?click_id=clk_…',
    );
    expect(landing('https://shop.example.com/credit?from=partner#top', 'cid')).toBe(
      'https://shop.example.com/credit?from=partner&cid=clk_…#top',
    );
    expect(landing('no address', 'cid')).toBeNull();
  });
});
