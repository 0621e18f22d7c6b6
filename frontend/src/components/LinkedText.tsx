import { PRINTED_ID } from '../lib/ids';
import { IdLink } from './links';

/** A text in which every printed id is a link; `full` prints the ids whole. */
export function LinkedText({ text, full = false }: { text: string; full?: boolean }) {
  return text
    .split(PRINTED_ID)
    .map((part, index) => (index % 2 === 1 ? <IdLink key={index} id={part} full={full} /> : part));
}
