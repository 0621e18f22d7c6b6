import { ActionIcon } from '@mantine/core';

interface Props {
  /** What is removed, for those who do not see the cross. */
  label: string;
  /** The space above, so that it stands beside a field. */
  mt: number;
  onClick: () => void;
}

/** Takes a row out of a form. */
export function RemoveButton({ label, mt, onClick }: Props) {
  return (
    <ActionIcon
      variant="subtle"
      color="red"
      mt={mt}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      ×
    </ActionIcon>
  );
}
