import { Alert, Badge, Code, List, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SimpleTable } from '../../components/DataTable';
import { JsonView } from '../../components/JsonView';
import { Section } from '../../components/layout';
import { IdLink } from '../../components/links';
import { EmptyState } from '../../components/states';
import { StatusBadge } from '../../components/StatusBadge';
import { Actor, MoneyText, useLocalized, useWord, When } from '../../components/text';
import { BidLog } from './BidLog';
import { Explanations } from './Explanations';
import type { Lead } from './lead-query';
import { useReasonText } from './reasons';

/** Why the lead was refused, field by field. */
export function LeadReasons({ lead }: { lead: Pick<Lead, 'state' | 'reasons'> }) {
  const { t } = useTranslation();
  const reason = useReasonText();
  if (lead.reasons.length === 0) return null;
  return (
    <Alert color={lead.state === 'REJECTED' ? 'red' : 'yellow'} title={t('shared.verdict')}>
      <List size="sm">
        {lead.reasons.map((each, index) => (
          <List.Item key={index}>
            {each.path !== null && each.path !== '' && (
              <>
                <Code>{each.path}</Code>{' '}
              </>
            )}
            {reason(each)}{' '}
            <Text span size="xs" c="dimmed">
              {each.code}
            </Text>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

export function LeadScore({ lead }: { lead: Lead }) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const word = useWord();
  return (
    <Section title={t('shared.scoreReasons')}>
      {lead.scoreReasons.length === 0 ? (
        <EmptyState />
      ) : (
        <SimpleTable
          rows={lead.scoreReasons}
          rowKey={(row) => `${word('parts', row.part)} ${row.name}`}
          columns={[
            { id: 'label', header: t('shared.reason'), cell: (row) => localized(row.label) },
            {
              id: 'part',
              header: t('shared.part'),
              cell: (row) => (
                <Badge variant="default" tt="none">
                  {word('parts', row.part)}
                </Badge>
              ),
            },
            {
              id: 'points',
              header: t('shared.points'),
              align: 'right',
              cell: (row) => (row.points > 0 ? `+${String(row.points)}` : row.points),
            },
          ]}
        />
      )}
    </Section>
  );
}

export function LeadAwards({ lead }: { lead: Lead }) {
  const { t } = useTranslation();
  const priced = lead.awards.some((award) => award.price !== null);
  const earned = lead.awards.some((award) => award.earning !== null);
  return (
    <Section title={t('shared.awards')}>
      {lead.awards.length === 0 ? (
        <EmptyState title={t('shared.notSold')} />
      ) : (
        <SimpleTable
          rows={lead.awards}
          rowKey={(row) => row.id}
          columns={[
            { id: 'id', header: t('common.id'), cell: (row) => <IdLink id={row.id} /> },
            {
              id: 'offer',
              header: t('shared.offer'),
              cell: (row) =>
                row.offer === null ? (
                  row.offerName
                ) : (
                  <IdLink id={row.offer.id}>{row.offerName}</IdLink>
                ),
            },
            { id: 'copy', header: t('shared.copyNo'), align: 'right', cell: (row) => row.copyNo },
            {
              id: 'state',
              header: t('common.state'),
              cell: (row) => <StatusBadge of="AwardState" value={row.state} />,
            },
            {
              id: 'disposition',
              header: t('shared.disposition'),
              cell: (row) => <StatusBadge of="Disposition" value={row.disposition} />,
            },
            ...(priced
              ? [
                  {
                    id: 'price',
                    header: t('shared.price'),
                    align: 'right' as const,
                    cell: (row: Lead['awards'][number]) => <MoneyText money={row.price} />,
                  },
                ]
              : []),
            ...(earned
              ? [
                  {
                    id: 'earning',
                    header: t('shared.earning'),
                    align: 'right' as const,
                    cell: (row: Lead['awards'][number]) => <MoneyText money={row.earning} />,
                  },
                ]
              : []),
            { id: 'at', header: t('common.at'), cell: (row) => <When at={row.createdAt} /> },
          ]}
        />
      )}
    </Section>
  );
}

/** Why each buyer got its copy, and at which price. */
export function LeadWhy({ lead }: { lead: Lead }) {
  const { t } = useTranslation();
  const told = lead.awards.filter((award) => award.whyThisPrice.length > 0);
  if (told.length === 0) return null;
  return (
    <Section title={t('shared.explain.whyTitle')}>
      <Stack>
        {told.map((award) => (
          <div key={award.id}>
            {told.length > 1 && (
              <Text size="sm" fw={600}>
                <IdLink id={award.id}>
                  {t('shared.copyN', { n: award.copyNo })} · {award.offerName}
                </IdLink>
              </Text>
            )}
            <Explanations list={award.whyThisPrice} fields={lead.niche.version.fields} />
          </div>
        ))}
      </Stack>
    </Section>
  );
}

/** The bid log of the lead; for operators. */
export function LeadTrace({ lead }: { lead: Lead }) {
  if (lead.trace === null) return null;
  const { version, currency } = lead.niche;
  return (
    <BidLog trace={lead.trace} fields={version.fields} currency={currency} score={lead.score} />
  );
}

/** The chain of verdicts; each entry's hash covers the one before. */
export function LeadEvents({ lead }: { lead: Lead }) {
  const { t } = useTranslation();
  return (
    <Section
      title={t('shared.events')}
      actions={
        <Badge color={lead.chainValid ? 'teal' : 'red'} variant="light" tt="none">
          {lead.chainValid ? t('shared.chainValid') : t('shared.chainBroken')}
        </Badge>
      }
    >
      {lead.events.length === 0 ? (
        <EmptyState />
      ) : (
        <SimpleTable
          rows={lead.events}
          rowKey={(row) => String(row.seq)}
          columns={[
            { id: 'seq', header: '#', align: 'right', cell: (row) => row.seq },
            { id: 'code', header: t('shared.event'), cell: (row) => <Code>{row.code}</Code> },
            { id: 'actor', header: t('common.actor'), cell: (row) => <Actor name={row.actor} /> },
            { id: 'at', header: t('common.at'), cell: (row) => <When at={row.at} /> },
            {
              id: 'evidence',
              header: t('shared.evidence'),
              cell: (row) =>
                row.evidence == null ? '–' : <JsonView value={row.evidence} fold={60} />,
            },
            {
              id: 'hash',
              header: t('shared.hash'),
              cell: (row) => <Code title={row.hash}>{row.hash.slice(0, 12)}…</Code>,
            },
          ]}
        />
      )}
    </Section>
  );
}
