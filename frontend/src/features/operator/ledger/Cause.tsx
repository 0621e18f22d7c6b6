import { LinkedText } from '../../../components/LinkedText';

/** A cause like `cnv_…` or `payout:pay_…:1`: the ids in it are links. */
export function Cause({ cause }: { cause: string }) {
  return (
    <span style={{ overflowWrap: 'anywhere' }}>
      <LinkedText text={cause} />
    </span>
  );
}
