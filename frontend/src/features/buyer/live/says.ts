/**
 * What the test of a live connection says, sentence by sentence, as keys of the dictionary: the
 * server words it in English. A test compares the list with core's `live/contract.rs`.
 */
const SENTENCES = [
  ['http', /^The endpoint answered HTTP (?<status>\d+)\.$/],
  ['late', /^There was no answer in time\.$/],
  ['unreached', /^No connection was made\.$/],
  ['broken', /^The connection broke off before the answer was complete\.$/],
  ['bids', /^It bids, and the price is understood\.$/],
  ['bidsOwn', /^It bids and names no price: the offer's own price counts\.$/],
  ['noReason', /^It does not bid and gives no reason that can be kept\.$/],
  ['reason', /^It does not bid and says why\.$/],
  ['unclear', /^The answer is not understood: (?<what>.+)\.$/],
  ['took', /^It took the lead\.$/],
  ['notTaken', /^It did not take the lead: (?<what>.+)\.$/],
  ['declined', /^It declined the lead, and that is understood\.$/],
  ['unknown', /^Nobody can say whether it took the lead: the award would be UNKNOWN\.$/],
  ['same', /^The same post again got the same answer\.$/],
  ['other', /^The same post again got another answer: the webhook-id has to be remembered\.$/],
  ['statusSame', /^It says the same about the post as the post's answer did\.$/],
  ['statusUnclear', /^The answer about the post is not clear\.$/],
  ['statusOther', /^It says something else about the post than the post's answer did\.$/],
  ['forgedRefused', /^A request with a wrong signature was refused\.$/],
  [
    'forgedTaken',
    /^A request with a wrong signature was answered: anybody can ask this endpoint\.$/,
  ],
  ['slow', /^It took (?<ms>\d+) ms of (?<limit>\d+): too slow\.$/],
  ['tight', /^It took (?<ms>\d+) ms of (?<limit>\d+): in time, with little to spare\.$/],
  ['well', /^It took (?<ms>\d+) ms of (?<limit>\d+): well in time\.$/],
] as const;

export type SaysKey = (typeof SENTENCES)[number][0];

/** A sentence that is known, with its facts, or the server's own words. */
export type Said = { key: SaysKey; facts: Record<string, string> } | { words: string };

/** What was said, in parts. */
export function saidParts(says: string): Said[] {
  // The last sentence is about the time; what stands before may hold stops of its own.
  const at = says.lastIndexOf(' It took ');
  const parts = at < 0 ? [says] : [says.slice(0, at), says.slice(at + 1)];
  return parts.map((words) => {
    for (const [key, pattern] of SENTENCES) {
      const match = pattern.exec(words);
      if (match !== null) return { key, facts: { ...match.groups } };
    }
    return { words };
  });
}
