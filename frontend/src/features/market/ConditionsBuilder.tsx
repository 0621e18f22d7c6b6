import {
  Button,
  Group,
  NumberInput,
  Paper,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  MultiSelect,
  Text,
  TextInput,
} from '@mantine/core';
import { useTranslation } from 'react-i18next';

import {
  fieldKind,
  newGroup,
  newLeaf,
  operatorsFor,
  problems,
  replaceNode,
  takesNothing,
  takesValues,
  withField,
  withOp,
  type FieldSpec,
  type Group as GroupNode,
  type GroupMode,
  type Leaf,
  type Node,
  type Problem,
} from './conditions';
import { RemoveButton } from '../../components/RemoveButton';
import { useLocalized } from '../../components/text';

interface Context {
  fields: readonly FieldSpec[];
  found: Record<string, Problem>;
  showProblems: boolean;
  change: (id: string, next: Node | null) => void;
}

interface BuilderProps {
  fields: readonly FieldSpec[];
  value: Node[];
  onChange: (next: Node[]) => void;
  /** Problems stay quiet until the form has been sent once. */
  showProblems?: boolean;
  /** Whether other conditions stand elsewhere: then an empty list does not mean every lead. */
  more?: boolean;
}

/** Edits the conditions that a lead must meet: a list in which all have to hold. */
export function ConditionsBuilder({
  fields,
  value,
  onChange,
  showProblems = false,
  more = false,
}: BuilderProps) {
  const { t } = useTranslation();
  const context: Context = {
    fields,
    found: problems(value, fields),
    showProblems,
    change: (id, next) => onChange(replaceNode(value, id, next)),
  };
  return (
    <Stack gap="xs">
      {value.length === 0 ? (
        !more && (
          <Text size="sm" c="dimmed">
            {t('market.conditions.none')}
          </Text>
        )
      ) : (
        <Text size="sm" c="dimmed">
          {t('market.conditions.allHold')}
        </Text>
      )}
      {value.map((node) => (
        <NodeEditor key={node.id} node={node} context={context} />
      ))}
      <AddButtons fields={fields} onAdd={(node) => onChange([...value, node])} />
    </Stack>
  );
}

function AddButtons({
  fields,
  onAdd,
}: {
  fields: readonly FieldSpec[];
  onAdd: (node: Node) => void;
}) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <Button size="xs" variant="light" onClick={() => onAdd(newLeaf(fields[0]))}>
        {t('market.conditions.add')}
      </Button>
      <Button
        size="xs"
        variant="subtle"
        onClick={() => onAdd(newGroup('ANY', [newLeaf(fields[0])]))}
      >
        {t('market.conditions.addGroup')}
      </Button>
    </Group>
  );
}

function NodeEditor({ node, context }: { node: Node; context: Context }) {
  return node.kind === 'leaf' ? (
    <LeafEditor leaf={node} context={context} />
  ) : (
    <GroupEditor group={node} context={context} />
  );
}

function GroupEditor({ group, context }: { group: GroupNode; context: Context }) {
  const { t } = useTranslation();
  const problem = context.showProblems ? context.found[group.id] : undefined;
  const modes: GroupMode[] = ['ANY', 'ALL', 'NONE'];
  return (
    <Paper withBorder p="sm" role="group" aria-label={t(`market.conditions.mode.${group.mode}`)}>
      <Stack gap="xs">
        <Group justify="space-between">
          <SegmentedControl
            size="xs"
            value={group.mode}
            data={modes.map((mode) => ({
              value: mode,
              label: t(`market.conditions.mode.${mode}`),
            }))}
            onChange={(mode) => context.change(group.id, { ...group, mode: mode })}
          />
          <RemoveButton
            label={t('market.conditions.remove')}
            mt={4}
            onClick={() => context.change(group.id, null)}
          />
        </Group>
        {group.children.map((child) => (
          <NodeEditor key={child.id} node={child} context={context} />
        ))}
        {problem && (
          <Text size="xs" c="red">
            {t(`market.conditions.problem.${problem}`)}
          </Text>
        )}
        <AddButtons
          fields={context.fields}
          onAdd={(node) =>
            context.change(group.id, { ...group, children: [...group.children, node] })
          }
        />
      </Stack>
    </Paper>
  );
}

function LeafEditor({ leaf, context }: { leaf: Leaf; context: Context }) {
  const { t } = useTranslation();
  const text = useLocalized();
  const spec = context.fields.find((field) => field.name === leaf.field);
  const problem = context.showProblems ? context.found[leaf.id] : undefined;
  const error = problem ? t(`market.conditions.problem.${problem}`) : undefined;
  const fieldError = problem === 'fieldRequired' || problem === 'fieldUnknown';
  return (
    <Group gap="xs" align="flex-start" wrap="wrap">
      <Select
        aria-label={t('market.conditions.field')}
        placeholder={t('market.conditions.field')}
        searchable
        w={220}
        data={context.fields.map((field) => ({ value: field.name, label: text(field.label) }))}
        value={leaf.field || null}
        error={fieldError ? error : undefined}
        onChange={(name) => {
          const next = context.fields.find((field) => field.name === name);
          if (next) context.change(leaf.id, withField(leaf, next, spec));
        }}
      />
      <Select
        aria-label={t('market.conditions.operator')}
        w={170}
        allowDeselect={false}
        data={operatorsFor(fieldKind(spec)).map((op) => ({
          value: op,
          label: t(`market.conditions.op.${op}`),
        }))}
        value={leaf.op}
        onChange={(op) => {
          if (op) context.change(leaf.id, withOp(leaf, op));
        }}
      />
      {!takesNothing(leaf.op) && (
        <ValueEditor
          leaf={leaf}
          spec={spec}
          error={fieldError ? undefined : error}
          onChange={(next) => context.change(leaf.id, next)}
        />
      )}
      <RemoveButton
        label={t('market.conditions.remove')}
        mt={4}
        onClick={() => context.change(leaf.id, null)}
      />
    </Group>
  );
}

interface ValueProps {
  leaf: Leaf;
  spec: FieldSpec | undefined;
  error: string | undefined;
  onChange: (leaf: Leaf) => void;
}

function ValueEditor({ leaf, spec, error, onChange }: ValueProps) {
  const { t } = useTranslation();
  const text = useLocalized();
  const label = t('market.conditions.value');
  const common = { 'aria-label': label, placeholder: label, error, miw: 200, flex: 1 };
  const kind = fieldKind(spec);
  const choices = (spec?.options ?? []).map((o) => ({ value: o.value, label: text(o.label) }));
  const one = (value: string) => onChange({ ...leaf, value });
  const many = (values: string[]) => onChange({ ...leaf, values });

  if (takesValues(leaf.op)) {
    return kind === 'choice' ? (
      <MultiSelect
        {...common}
        placeholder={leaf.values.length > 0 ? undefined : label}
        searchable
        data={choices}
        value={leaf.values}
        onChange={many}
      />
    ) : (
      <TagsInput
        {...common}
        placeholder={leaf.values.length > 0 ? undefined : t('market.conditions.valuesHint')}
        value={leaf.values}
        onChange={many}
      />
    );
  }
  switch (kind) {
    case 'choice':
      return (
        <Select
          {...common}
          searchable
          data={choices}
          value={leaf.value || null}
          onChange={(value) => one(value ?? '')}
        />
      );
    case 'flag':
      return (
        <Select
          {...common}
          data={[
            { value: 'true', label: t('common.yes') },
            { value: 'false', label: t('common.no') },
          ]}
          value={leaf.value || null}
          onChange={(value) => one(value ?? '')}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          thousandSeparator=" "
          value={leaf.value}
          onChange={(value) => one(String(value))}
        />
      );
    case 'text':
      return (
        <TextInput
          {...common}
          value={leaf.value}
          onChange={(event) => one(event.currentTarget.value)}
        />
      );
  }
}
