import {
  Badge,
  Button,
  Group,
  Input,
  NumberInput,
  Select,
  Stack,
  Table,
  Text,
} from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../components/layout';
import { IdLink } from '../../../components/links';
import { EmptyState, ErrorState, LoadingState } from '../../../components/states';
import { StatusBadge } from '../../../components/StatusBadge';
import { PageFields } from '../../../lib/fragments';
import { graphql, type ResultOf } from '../../../lib/graphql';
import { useConnection } from '../../../lib/use-connection';
import { DEFAULT_WEIGHT, drawsLots, inOrder, LIMITS } from './routing';
import type { Form } from './RoutingSections';

const OffersOfNicheQuery = graphql(
  `
    query OffersToRoute($nicheId: ID!, $first: Int, $after: String) {
      offers(nicheId: $nicheId, first: $first, after: $after) {
        nodes {
          id
          name
          state
          buyer {
            id
            name
          }
          current {
            id
            terms {
              priority
              maxSales
              overCap
              sharedPrices {
                copies
              }
            }
          }
        }
        pageInfo {
          ...PageFields
        }
      }
    }
  `,
  [PageFields],
);

type Offer = ResultOf<typeof OffersOfNicheQuery>['offers']['nodes'][number];

/** How many buyers get a lead that the offer buys, in words. */
function Copies({ offer }: { offer: Offer }) {
  const { t } = useTranslation();
  const terms = offer.current?.terms;
  if (terms === undefined) return '–';
  if (terms.maxSales === 1) return t('operator.routing.copies.exclusive');
  const hybrid = terms.sharedPrices.length > 0;
  return t(hybrid ? 'operator.routing.copies.hybrid' : 'operator.routing.copies.shared', {
    n: terms.maxSales,
  });
}

/** One offer's place. The table's own cells would be made anew at each key that is pressed. */
function PlaceRow({
  form,
  index,
  offerId,
  offer,
  numbers,
  lots,
}: {
  form: Form;
  index: number;
  offerId: string;
  offer: Offer | undefined;
  /** The numbers of the groups; null outside of a waterfall. */
  numbers: readonly string[] | null;
  lots: boolean;
}) {
  const { t } = useTranslation();
  const name = offer?.name ?? offerId;
  return (
    <Table.Tr>
      <Table.Td>
        <IdLink id={offerId}>{offer?.name}</IdLink>
        {offer !== undefined && (
          <Text size="xs" c="dimmed">
            {offer.buyer.name}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {offer === undefined ? '–' : <StatusBadge of="OfferState" value={offer.state} />}
      </Table.Td>
      {numbers !== null && (
        <Table.Td>
          <Select
            aria-label={`${t('operator.routing.group')}: ${name}`}
            w={190}
            data={[
              { value: '', label: t('operator.routing.restGroup') },
              ...numbers.map((value) => ({
                value,
                label: t('operator.routing.groupN', { n: value }),
              })),
            ]}
            allowDeselect={false}
            {...form.getInputProps(`offers.${index}.group`)}
          />
        </Table.Td>
      )}
      {lots && (
        <Table.Td>
          <NumberInput
            aria-label={`${t('operator.routing.weight')}: ${name}`}
            placeholder={String(DEFAULT_WEIGHT)}
            min={1}
            max={LIMITS.weight}
            clampBehavior="none"
            allowDecimal={false}
            w={110}
            {...form.getInputProps(`offers.${index}.weight`)}
          />
        </Table.Td>
      )}
      <Table.Td>
        <NumberInput
          aria-label={`${t('operator.routing.priority')}: ${name}`}
          placeholder={String(offer?.current?.terms.priority ?? 0)}
          min={-LIMITS.priority}
          max={LIMITS.priority}
          clampBehavior="none"
          allowDecimal={false}
          w={110}
          {...form.getInputProps(`offers.${index}.priority`)}
        />
      </Table.Td>
      <Table.Td>{offer === undefined ? '–' : <Copies offer={offer} />}</Table.Td>
      <Table.Td>
        {offer?.current == null ? (
          '–'
        ) : (
          <Badge variant="default" tt="none">
            {t(`enums.OverCap.${offer.current.terms.overCap}`)}
          </Badge>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** The place of each offer of the niche: its group, its weight, its priority. */
export function PlacesSection({ form, nicheId }: { form: Form; nicheId: string }) {
  const { t } = useTranslation();
  const list = useConnection(OffersOfNicheQuery, { nicheId }, (data) => data.offers);
  const places = form.values.offers;
  const known = new Map(list.nodes.map((offer) => [offer.id, offer]));
  // An offer that closed keeps its place, which does no harm; an open one without a place gets a
  // line to give it one.
  const missing = list.nodes.filter(
    (offer) => offer.state !== 'CLOSED' && !places.some((place) => place.offerId === offer.id),
  );
  const { setFieldValue } = form;
  const added = missing.map((offer) => offer.id).join();
  useEffect(() => {
    if (added === '') return;
    const fresh = added
      .split(',')
      .map((offerId) => ({ offerId, group: '', weight: '', priority: '' }));
    setFieldValue('offers', (before) => [...before, ...fresh]);
  }, [added, setFieldValue]);

  const { strategy, groups } = form.values;
  const waterfall = strategy === 'WATERFALL';
  const lots = drawsLots(form.values);
  const numbers = [...new Set(inOrder(groups).map((group) => String(group.number)))].filter(
    (number) => number !== '',
  );
  if (list.loading) return <LoadingState />;
  return (
    <Section title={t('operator.routing.places')}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('operator.routing.placesText')}
        </Text>
        {list.error !== undefined && <ErrorState error={list.error} onRetry={list.reload} />}
        {places.length === 0 ? (
          <EmptyState title={t('operator.routing.noOffers')} />
        ) : (
          <Table.ScrollContainer minWidth={waterfall || lots ? 900 : 720}>
            <Table verticalSpacing="xs" aria-label={t('operator.routing.places')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">{t('shared.offer')}</Table.Th>
                  <Table.Th scope="col">{t('common.state')}</Table.Th>
                  {waterfall && <Table.Th scope="col">{t('operator.routing.group')}</Table.Th>}
                  {lots && <Table.Th scope="col">{t('operator.routing.weight')}</Table.Th>}
                  <Table.Th scope="col">{t('operator.routing.priority')}</Table.Th>
                  <Table.Th scope="col">{t('operator.routing.copiesTitle')}</Table.Th>
                  <Table.Th scope="col">{t('operator.routing.overCap')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {places.map((place, index) => (
                  <PlaceRow
                    key={place.offerId}
                    form={form}
                    index={index}
                    offerId={place.offerId}
                    offer={known.get(place.offerId)}
                    numbers={waterfall ? numbers : null}
                    lots={lots}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {form.errors.offers !== undefined && <Input.Error>{form.errors.offers}</Input.Error>}
        {list.hasMore && (
          <Group>
            <Button variant="default" onClick={list.more} loading={list.loadingMore}>
              {t('common.more')}
            </Button>
          </Group>
        )}
      </Stack>
    </Section>
  );
}
