import { describe, expect, it } from 'vitest';
import { filled, unknownMacros, withMacro } from './macros';

const macros = [
  { name: 'click_id', example: 'clk_1' },
  { name: 'earning', example: '425.00' },
  { name: 'sub1', example: 'radio & tv' },
  { name: 'sub2', example: '' },
];

describe('macros of an address', () => {
  it('are replaced by encoded examples; what has none becomes empty, what is unknown stays', () => {
    const url = 'https://t.example.com/in?c={click_id}&s={sub1}&e={sub2}&x={nobody}';
    expect(filled(url, macros)).toBe(
      'https://t.example.com/in?c=clk_1&s=radio%20%26%20tv&e=&x={nobody}',
    );
  });

  it('that nobody knows are named once', () => {
    expect(unknownMacros('https://t.example.com/{a}?b={click_id}&c={a}&d={}', macros)).toEqual([
      'a',
      '',
    ]);
    expect(unknownMacros('https://t.example.com/?a={earning}', macros)).toEqual([]);
  });

  it('are added as parameters, or as the value that is being typed', () => {
    expect(withMacro('https://t.example.com/in', 'earning')).toBe(
      'https://t.example.com/in?earning={earning}',
    );
    expect(withMacro('https://t.example.com/in?a=1', 'earning')).toBe(
      'https://t.example.com/in?a=1&earning={earning}',
    );
    expect(withMacro('https://t.example.com/in?payout=', 'earning')).toBe(
      'https://t.example.com/in?payout={earning}',
    );
    expect(withMacro('https://t.example.com/in?', 'sub1')).toBe(
      'https://t.example.com/in?sub1={sub1}',
    );
  });
});
