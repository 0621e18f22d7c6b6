import {
  ActionIcon,
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
  CopyButton,
  Group,
  Tooltip,
} from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { readerOf, useSession } from '../app/session';
import { idPath, shortId } from '../lib/ids';

interface ToProps {
  to: string;
  /** What follows the question mark. */
  search?: Record<string, string>;
  children: ReactNode;
}

/** A target like `/leads?state=SOLD`, as the router takes it. */
function target(
  to: string,
  search: Record<string, string> = {},
): { to: string; search: Record<string, string> } {
  const [path = '/', query = ''] = to.split('?');
  return { to: path, search: { ...Object.fromEntries(new URLSearchParams(query)), ...search } };
}

/** A link inside the application. */
export function AppLink({ to, search, children, ...rest }: ToProps & AnchorProps) {
  return (
    <Anchor {...rest} renderRoot={(props) => <Link {...target(to, search)} {...props} />}>
      {children}
    </Anchor>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ to, search, children, ...rest }: ToProps & ButtonProps) {
  return (
    <Button {...rest} renderRoot={(props) => <Link {...target(to, search)} {...props} />}>
      {children}
    </Button>
  );
}

/**
 * An id that leads to its page. With children they are the link's text, else the id itself,
 * short unless `full`. Ids without a page for this reader are plain text.
 */
export function IdLink({
  id,
  full = false,
  children,
}: {
  id: string;
  full?: boolean;
  children?: ReactNode;
}) {
  const { viewer } = useSession();
  const path = viewer === null ? null : idPath(id, readerOf(viewer));
  const text = children ?? (full ? id : shortId(id));
  const short = children === undefined && !full;
  const mono = children === undefined ? { ff: 'monospace', fz: 'sm' } : {};
  if (path === null) {
    return (
      <Anchor
        component="span"
        c="inherit"
        underline="never"
        title={id}
        inherit={children !== undefined}
        {...mono}
      >
        {text}
      </Anchor>
    );
  }
  return (
    <AppLink to={path} {...mono} inherit={children !== undefined}>
      <span title={id} {...(short ? { style: { whiteSpace: 'nowrap' } } : {})}>
        {text}
      </span>
    </AppLink>
  );
}

/** Two sheets; drawn, because not every font has the sign. */
function CopyIcon() {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" fill="none" stroke="currentColor" aria-hidden>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 3.5v-.5a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h.5" />
    </svg>
  );
}

/** A value with a button that copies it. */
export function Copyable({ value, children }: { value: string; children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex">
      {children ?? <code style={{ overflowWrap: 'anywhere' }}>{value}</code>}
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('common.copied') : t('common.copy')}>
            <ActionIcon
              size="sm"
              variant="subtle"
              color={copied ? 'teal' : 'gray'}
              onClick={copy}
              aria-label={t('common.copy')}
            >
              {copied ? '✓' : <CopyIcon />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}
