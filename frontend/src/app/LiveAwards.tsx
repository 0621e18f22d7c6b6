import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useSubscription } from 'urql';
import { formatMoney } from '../lib/format';
import { graphql } from '../lib/graphql';
import { announceChange } from '../lib/live';
import { useViewer } from './session';

const LeadAwarded = graphql(`
  subscription LeadAwarded {
    leadAwarded {
      id
      offerName
      price {
        minor
        currency
        decimal
      }
    }
  }
`);

/** Shown for each award to a buyer; more than a few at once are told as screens reload. */
const QUIET_MS = 1500;

/** Listens for awards: tells the buyer, and lets what is on screen read itself again. */
export function LiveAwards() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const viewer = useViewer();
  const [{ data }] = useSubscription({ query: LeadAwarded });
  const timer = useRef<number | null>(null);
  const shown = useRef<string | null>(null);
  const award = data?.leadAwarded;
  const buyer = viewer.organization.kind === 'BUYER';

  useEffect(() => {
    if (award === undefined || shown.current === award.id) return;
    shown.current = award.id;
    // A burst of awards makes one reload, not hundreds.
    if (timer.current !== null) return;
    if (buyer) {
      notifications.show({
        title: t('dashboard.newLead'),
        // Plain text and a click: notifications stand outside the session and the router.
        message: [award.offerName, award.price && formatMoney(award.price, i18n.language)]
          .filter(Boolean)
          .join(' · '),
        style: { cursor: 'pointer' },
        onClick: () => void navigate({ to: `/awards/${award.id}` }),
      });
    }
    timer.current = window.setTimeout(() => {
      timer.current = null;
      announceChange();
    }, QUIET_MS);
  }, [award, buyer, i18n.language, navigate, t]);

  useEffect(
    () => () => {
      if (timer.current !== null) window.clearTimeout(timer.current);
    },
    [],
  );
  return null;
}
