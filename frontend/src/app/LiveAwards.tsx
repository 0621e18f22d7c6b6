import { notifications } from '@mantine/notifications';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useSubscription } from 'urql';
import { IdLink } from '../components/links';
import { MoneyText } from '../components/text';
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
  const { t } = useTranslation();
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
        message: (
          <>
            <IdLink id={award.id}>{award.offerName}</IdLink> · <MoneyText money={award.price} />
          </>
        ),
      });
    }
    timer.current = window.setTimeout(() => {
      timer.current = null;
      announceChange();
    }, QUIET_MS);
  }, [award, buyer, t]);

  useEffect(
    () => () => {
      if (timer.current !== null) window.clearTimeout(timer.current);
    },
    [],
  );
  return null;
}
