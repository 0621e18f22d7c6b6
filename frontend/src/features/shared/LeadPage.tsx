import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useViewer } from '../../app/session';
import { FieldsTable } from '../../components/FieldsTable';
import { Facts, Page, Section } from '../../components/layout';
import { Copyable, IdLink } from '../../components/links';
import { ReadState } from '../../components/ReadState';
import { StatusBadge } from '../../components/StatusBadge';
import { MoneyText, useLocalized, When } from '../../components/text';
import { shortId } from '../../lib/ids';
import { useRouteId } from '../../lib/use-route-id';
import { useRead } from '../../lib/use-read';
import { type Lead, LeadQuery } from './lead-query';
import { LeadAwards, LeadEvents, LeadReasons, LeadScore, LeadTrace, LeadWhy } from './LeadParts';
import { QuarantineDecision, RevealButton } from './LeadActions';
import { Explanations } from './Explanations';
import { NoticeTable, useNotices } from '../notices/Notices';
import { useReasonText } from './reasons';

function LeadFacts({ lead }: { lead: Lead }) {
  const { t } = useTranslation();
  const localized = useLocalized();
  const reason = useReasonText();
  return (
    <Section>
      <Facts
        cols={4}
        facts={[
          { label: t('common.id'), value: <Copyable value={lead.id} /> },
          {
            label: t('shared.niche'),
            value: <IdLink id={lead.niche.id}>{localized(lead.niche.name)}</IdLink>,
          },
          lead.source !== null && {
            label: t('shared.source'),
            value: <IdLink id={lead.source.id}>{lead.source.name}</IdLink>,
          },
          lead.publisher !== null && {
            label: t('shared.publisher'),
            value: <IdLink id={lead.publisher.id}>{lead.publisher.name}</IdLink>,
          },
          { label: t('shared.channel'), value: t(`enums.Channel.${lead.channel}`) },
          lead.reasonCode !== null && {
            label: t('shared.reason'),
            value: reason({ code: lead.reasonCode }),
          },
          {
            label: t('shared.score'),
            value: (
              <>
                <b>{lead.score}</b> / 100
              </>
            ),
          },
          { label: t('shared.fit'), value: lead.grade },
          { label: t('shared.intent'), value: `${String(lead.intent)} / 100` },
          lead.earning !== null && {
            label: t('shared.earning'),
            value: <MoneyText money={lead.earning} />,
          },
          { label: t('shared.copies'), value: lead.copies },
          { label: t('shared.received'), value: <When at={lead.receivedAt} /> },
          { label: t('common.decided'), value: <When at={lead.decidedAt} /> },
          lead.supersedes !== null && {
            label: t('shared.supersedes'),
            value: <IdLink id={lead.supersedes} />,
          },
          lead.erasedAt !== null && {
            label: t('common.erased'),
            value: <When at={lead.erasedAt} />,
          },
        ]}
      />
    </Section>
  );
}

/** What the publisher's trackers were told of the lead, if anything. */
function Told({ leadId }: { leadId: string }) {
  const { t } = useTranslation();
  const notices = useNotices({ leadId });
  if (notices.nodes.length === 0) return null;
  return (
    <Section title={t('publisher.postbacks.ofLead')}>
      <NoticeTable notices={notices} empty={t('publisher.postbacks.noLog')} />
    </Section>
  );
}

/** One lead, as much of it as the reader may see: verdict, score, awards, evidence; operators also the whole trace. */
export function LeadPage() {
  const { t } = useTranslation();
  const id = useRouteId();
  const viewer = useViewer();
  const can = useCan();
  const operator = viewer.organization.kind === 'OPERATOR';
  const read = useRead(LeadQuery, { id });
  return (
    <ReadState read={read} pick={(data) => data.lead}>
      {(lead) => (
        <Page
          title={`${t('shared.lead')} ${shortId(lead.id)}`}
          badge={
            <Group gap={6}>
              <StatusBadge of="LeadState" value={lead.state} />
              <StatusBadge of="Temperature" value={lead.temperature} />
            </Group>
          }
          actions={
            <>
              {operator && lead.state === 'QUARANTINED' && can('DECIDE_DISPUTES') && (
                <QuarantineDecision leadId={lead.id} />
              )}
            </>
          }
        >
          <LeadFacts lead={lead} />
          <LeadReasons lead={lead} />
          {lead.wouldHaveSold.length > 0 && (
            <Section title={t('shared.explain.missTitle')}>
              <Explanations list={lead.wouldHaveSold} fields={lead.niche.version.fields} />
            </Section>
          )}
          <Section
            title={t('shared.fields')}
            actions={
              <>
                {lead.masked && (
                  <Badge variant="light" color="gray" tt="none">
                    {t('common.masked')}
                  </Badge>
                )}
                {operator && can('REVEAL_CONTACTS') && lead.erasedAt === null && (
                  <RevealButton leadId={lead.id} specs={lead.niche.version.fields} />
                )}
              </>
            }
          >
            {lead.erasedAt === null ? (
              <FieldsTable fields={lead.fields} specs={lead.niche.version.fields} />
            ) : (
              <Text size="sm" c="dimmed">
                {t('shared.erasedText')}
              </Text>
            )}
          </Section>
          <LeadScore lead={lead} />
          <LeadAwards lead={lead} />
          <LeadWhy lead={lead} />
          <LeadTrace lead={lead} />
          {viewer.organization.kind !== 'BUYER' && <Told leadId={lead.id} />}
          <LeadEvents lead={lead} />
        </Page>
      )}
    </ReadState>
  );
}
