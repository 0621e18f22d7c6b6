import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../../app/session';
import { ActionButton } from '../../../components/ActionButton';
import { SimpleTable } from '../../../components/DataTable';
import { EmptyState } from '../../../components/states';
import { UserErrorFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useAction } from '../../../lib/use-action';
import { AutoRecharges } from './AutoRecharge';
import { type CardsQuery, expiry, useCardName } from './cards';

const RemoveSavedCard = graphql(
  `
    mutation RemoveSavedCard($input: RemoveSavedCardInput!) {
      removeSavedCard(input: $input) {
        card {
          id
        }
        userErrors {
          ...UserErrorFields
        }
      }
    }
  `,
  [UserErrorFields],
);

type Data = ResultOf<typeof CardsQuery>;

function Remove({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation();
  const remove = useAction(RemoveSavedCard);
  return (
    <ActionButton
      size="compact-xs"
      variant="light"
      danger
      title={t('buyer.wallet.removeCardTitle', { card: name })}
      text={t('buyer.wallet.removeCardText')}
      action={remove}
      input={() => ({ cardId: id })}
      done={t('common.done')}
    >
      {t('buyer.wallet.removeCard')}
    </ActionButton>
  );
}

/** The cards that may be charged again, and when one is charged by itself. */
export function SavedCards({ data, currencies }: { data: Data; currencies: readonly string[] }) {
  const { t } = useTranslation();
  const can = useCan();
  const cardName = useCardName();
  const cards = data.savedCards.filter((card) => card.removedAt === null);
  return (
    <Stack>
      {cards.length === 0 ? (
        <EmptyState title={t('buyer.wallet.noCards')} />
      ) : (
        <SimpleTable
          rows={cards}
          rowKey={(row) => row.id}
          caption={t('buyer.wallet.cards')}
          columns={[
            { id: 'card', header: t('buyer.wallet.card'), cell: (row) => cardName(row) },
            { id: 'ends', header: t('buyer.wallet.expiry'), cell: (row) => expiry(row) ?? '–' },
            ...(can('FUND_WALLET')
              ? [
                  {
                    id: 'actions',
                    header: t('common.actions'),
                    cell: (row: (typeof cards)[number]) => (
                      <Remove id={row.id} name={cardName(row)} />
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      <Text component="h3" fw={600} m={0}>
        {t('buyer.wallet.auto.title')}
      </Text>
      <AutoRecharges settings={data.autoRecharges} cards={cards} currencies={currencies} />
    </Stack>
  );
}
