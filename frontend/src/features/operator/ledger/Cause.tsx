import { IdLink } from '../../../components/links';

/** A cause like `cnv_…` or `payout:pay_…:1`: the ids in it are links. */
export function Cause({ cause }: { cause: string }) {
  const parts = cause.split(/((?:[a-z]{3,4})_[0-9a-z]{26})/);
  return (
    <span style={{ overflowWrap: 'anywhere' }}>
      {parts.map((part, index) =>
        index % 2 === 1 ? <IdLink key={index} id={part} /> : <span key={index}>{part}</span>,
      )}
    </span>
  );
}
