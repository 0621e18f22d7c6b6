import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { enums } from '../i18n/en/enums';

type Enums = typeof enums;

const COLORS: Record<string, string> = {
  ACTIVE: 'teal',
  EFFECTIVE: 'teal',
  APPROVED: 'teal',
  SOLD: 'teal',
  DELIVERED: 'teal',
  PAID: 'teal',
  CONFIRMED: 'teal',
  WON: 'teal',
  QUALIFIED: 'teal',
  AWARDED: 'teal',
  ACCEPTED: 'teal',
  CAPTURED: 'teal',
  CREDITED: 'teal',
  DONE: 'teal',
  POSTED: 'teal',
  PENDING: 'yellow',
  IN_REVIEW: 'yellow',
  REQUESTED: 'yellow',
  QUARANTINED: 'yellow',
  HELD: 'yellow',
  OPEN: 'yellow',
  CONTESTED: 'orange',
  PAUSED: 'orange',
  SUSPENDED: 'orange',
  UNKNOWN: 'orange',
  WARM: 'orange',
  EXPIRED: 'orange',
  PARTIAL: 'grape',
  UPHELD: 'grape',
  HOT: 'red',
  REJECTED: 'red',
  REFUSED: 'red',
  DECLINED: 'red',
  REVOKED: 'red',
  FAILED: 'red',
  RETURNED: 'red',
  UNDELIVERED: 'red',
  DEAD: 'red',
  BAD_CONTACT: 'red',
  LOST: 'red',
  NEW: 'blue',
  OFFERED: 'blue',
  RINGING: 'blue',
  CONNECTED: 'cyan',
  CONTACTED: 'cyan',
  EXPORTED: 'blue',
  SENT: 'blue',
  PLANNED: 'blue',
  COLD: 'blue',
};

/** A value of an enum of the API in the reader's language, with a colour that repeats it. */
export function StatusBadge<Name extends keyof Enums>({
  of,
  value,
}: {
  of: Name;
  value: keyof Enums[Name] & string;
}) {
  const { t } = useTranslation();
  return (
    <Badge
      color={COLORS[value] ?? 'gray'}
      variant="light"
      radius="sm"
      tt="none"
      fw={600}
      miw="max-content"
    >
      {(t as unknown as (key: string) => string)(`enums.${of}.${value}`)}
    </Badge>
  );
}

/** Labels of an enum, as options of a select. */
export function useEnumOptions<Name extends keyof Enums>(
  of: Name,
  values?: readonly (keyof Enums[Name] & string)[],
): { value: string; label: string }[] {
  const { t, i18n } = useTranslation();
  const bundle = i18n.getResourceBundle('en', 'translation') as { enums: Enums };
  const names = values ?? (Object.keys(bundle.enums[of]) as (keyof Enums[Name] & string)[]);
  return names.map((value) => ({
    value,
    label: (t as unknown as (key: string) => string)(`enums.${of}.${value}`),
  }));
}
