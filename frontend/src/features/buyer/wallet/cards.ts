import { useTranslation } from 'react-i18next';
import { MoneyFields } from '../../../lib/fragments';
import { graphql } from '../../../lib/graphql';

/** What a person is told of a card. */
export const CardFields = graphql(`
  fragment CardFields on SavedCard @_unmask {
    id
    brand
    last4
    expMonth
    expYear
  }
`);

/** Whether cards can be charged here, which ones are known, and in which currencies. */
export const CardsQuery = graphql(
  `
    query WalletCards {
      cardPayments
      savedCards {
        ...CardFields
        removedAt
      }
      autoRecharges {
        currency
        enabled
        threshold {
          ...MoneyFields
        }
        amount {
          ...MoneyFields
        }
        monthlyMax {
          ...MoneyFields
        }
        card {
          ...CardFields
          removedAt
        }
        failures
        retryAt
        stop
      }
      niches {
        id
        currency
      }
    }
  `,
  [CardFields, MoneyFields],
);

export interface Card {
  brand: string | null;
  last4: string | null;
  expMonth: number | null;
  expYear: number | null;
}

/** A card in a word: `Visa •••• 4242`. */
export function useCardName(): (card: Card | null) => string {
  const { t } = useTranslation();
  return (card) => {
    if (card === null) return '–';
    const brand = card.brand ?? '';
    const name =
      brand === '' ? t('buyer.wallet.card') : `${brand.slice(0, 1).toUpperCase()}${brand.slice(1)}`;
    return card.last4 === null ? name : `${name} •••• ${card.last4}`;
  };
}

/** The month in which a card ends, `08/30`; null where nobody knows it. */
export function expiry(card: Card): string | null {
  if (card.expMonth === null || card.expYear === null) return null;
  return `${String(card.expMonth).padStart(2, '0')}/${String(card.expYear % 100).padStart(2, '0')}`;
}

/** A code of the provider's in words; the code itself when it is a new one. */
function useCode(section: string): (code: string | null) => string {
  const { t, i18n } = useTranslation();
  return (code) => {
    if (code === null) return '–';
    const key = `buyer.wallet.${section}.${code}`;
    return i18n.exists(key) ? (t as unknown as (key: string) => string)(key) : code;
  };
}

/** Why a card was declined. */
export function useDeclined(): (code: string | null) => string {
  return useCode('declined');
}

/** Why a bank took a payment back. */
export function useDisputeReason(): (code: string | null) => string {
  return useCode('chargeback.reasons');
}
