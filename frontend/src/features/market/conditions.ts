/**
 * The language of eligibility, as the server speaks it, and the tree that the builder edits.
 * The server's form is a list of conditions that all have to hold.
 */

export type Scalar = string | number | boolean;

export type Condition =
  | { op: 'EQ' | 'NE'; field: string; value: Scalar }
  | { op: 'IN' | 'NOT_IN'; field: string; values: Scalar[] }
  | { op: 'GTE' | 'LTE'; field: string; value: number }
  | { op: 'CONTAINS'; field: string; value: string }
  | { op: 'PRESENT' | 'MISSING'; field: string }
  | { op: 'ALL' | 'ANY'; of: Condition[] }
  | { op: 'NOT'; of: Condition };

export type LeafOp =
  'EQ' | 'NE' | 'IN' | 'NOT_IN' | 'GTE' | 'LTE' | 'CONTAINS' | 'PRESENT' | 'MISSING';

export type GroupMode = 'ALL' | 'ANY' | 'NONE';

/** What the builder needs to know about a field of the niche. */
export interface FieldSpec {
  name: string;
  /** What it is about, like `region`; null or left out for nothing special. */
  kind?: string | null;
  type: string;
  label: { en: string; ru: string };
  options: readonly { value: string; label: { en: string; ru: string } }[];
}

export interface Leaf {
  id: string;
  kind: 'leaf';
  field: string;
  op: LeafOp;
  /** One text for single values, used by every operator but IN and NOT_IN. */
  value: string;
  /** Texts for IN and NOT_IN. */
  values: string[];
}

export interface Group {
  id: string;
  kind: 'group';
  mode: GroupMode;
  children: Node[];
}

export type Node = Leaf | Group;

export type FieldKind = 'choice' | 'number' | 'flag' | 'text';

let nextId = 0;

/** A key that is unique on this page; nodes have no identity of their own. */
function newId(): string {
  nextId += 1;
  return `n${String(nextId)}`;
}

export function fieldKind(field: FieldSpec | undefined): FieldKind {
  if (!field) return 'text';
  if (field.options.length > 0) return 'choice';
  switch (field.type) {
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'flag';
    default:
      return 'text';
  }
}

/** Operators that make sense for a kind of field, the commonest first. */
export function operatorsFor(kind: FieldKind): LeafOp[] {
  switch (kind) {
    case 'choice':
      return ['IN', 'NOT_IN', 'EQ', 'NE', 'PRESENT', 'MISSING'];
    case 'number':
      return ['GTE', 'LTE', 'EQ', 'NE', 'IN', 'NOT_IN', 'PRESENT', 'MISSING'];
    case 'flag':
      return ['EQ', 'PRESENT', 'MISSING'];
    case 'text':
      return ['EQ', 'NE', 'CONTAINS', 'IN', 'NOT_IN', 'PRESENT', 'MISSING'];
  }
}

export function takesValues(op: LeafOp): boolean {
  return op === 'IN' || op === 'NOT_IN';
}

export function takesNothing(op: LeafOp): boolean {
  return op === 'PRESENT' || op === 'MISSING';
}

export function newLeaf(field?: FieldSpec): Leaf {
  const op = operatorsFor(fieldKind(field))[0] ?? 'EQ';
  return { id: newId(), kind: 'leaf', field: field?.name ?? '', op, value: '', values: [] };
}

export function newGroup(mode: GroupMode, children: Node[] = []): Group {
  return { id: newId(), kind: 'group', mode, children };
}

/** Another field for a leaf: keeps the operator among fields of one kind, never the value. */
export function withField(leaf: Leaf, field: FieldSpec, before?: FieldSpec): Leaf {
  const kind = fieldKind(field);
  const same = before !== undefined && fieldKind(before) === kind;
  const op = same ? leaf.op : (operatorsFor(kind)[0] ?? 'EQ');
  return { ...leaf, field: field.name, op, value: '', values: [] };
}

/** Another operator: carries what was entered over between one value and a list. */
export function withOp(leaf: Leaf, op: LeafOp): Leaf {
  if (takesNothing(op)) return { ...leaf, op, value: '', values: [] };
  if (takesValues(op)) {
    const values = leaf.values.length > 0 ? leaf.values : leaf.value ? [leaf.value] : [];
    return { ...leaf, op, value: '', values };
  }
  return { ...leaf, op, value: leaf.value || (leaf.values[0] ?? ''), values: [] };
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return '';
}

function asScalar(text: string, field: FieldSpec | undefined): Scalar {
  switch (field?.type ?? 'string') {
    case 'number':
    case 'integer': {
      const n = Number(text.replace(',', '.'));
      return text.trim() !== '' && Number.isFinite(n) ? n : text;
    }
    case 'boolean':
      return text === 'true';
    default:
      return text;
  }
}

const LEAF_OPS: readonly string[] = [
  'EQ',
  'NE',
  'IN',
  'NOT_IN',
  'GTE',
  'LTE',
  'CONTAINS',
  'PRESENT',
  'MISSING',
];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodeOne(raw: unknown): Node | null {
  if (!isObject(raw) || typeof raw.op !== 'string') return null;
  if (raw.op === 'ALL' || raw.op === 'ANY') return newGroup(raw.op, decode(raw.of));
  if (raw.op === 'NOT') {
    const inner = decodeOne(raw.of);
    if (!inner) return null;
    const children = inner.kind === 'group' && inner.mode === 'ANY' ? inner.children : [inner];
    return newGroup('NONE', children);
  }
  if (!LEAF_OPS.includes(raw.op) || typeof raw.field !== 'string') return null;
  const values = Array.isArray(raw.values) ? raw.values.map(asText) : [];
  return {
    id: newId(),
    kind: 'leaf',
    field: raw.field,
    op: raw.op as LeafOp,
    value: asText(raw.value),
    values,
  };
}

/** The server's list as a tree. What it does not understand is left out. */
export function decode(raw: unknown): Node[] {
  if (!Array.isArray(raw)) return [];
  return raw.map(decodeOne).filter((node) => node !== null);
}

function encodeOne(node: Node, fields: Map<string, FieldSpec>): Condition {
  if (node.kind === 'group') {
    const of = node.children.map((child) => encodeOne(child, fields));
    if (node.mode !== 'NONE') return { op: node.mode, of };
    const [only] = of;
    return { op: 'NOT', of: of.length === 1 && only ? only : { op: 'ANY', of } };
  }
  const { field, op } = node;
  const spec = fields.get(field);
  switch (op) {
    case 'PRESENT':
    case 'MISSING':
      return { op, field };
    case 'IN':
    case 'NOT_IN':
      return { op, field, values: node.values.map((v) => asScalar(v, spec)) };
    case 'GTE':
    case 'LTE':
      return { op, field, value: Number(node.value.replace(',', '.')) };
    case 'CONTAINS':
      return { op, field, value: node.value };
    case 'EQ':
    case 'NE':
      return { op, field, value: asScalar(node.value, spec) };
  }
}

/** The tree in the server's form. Call [`problems`] first. */
export function encode(nodes: readonly Node[], fields: readonly FieldSpec[]): Condition[] {
  const byName = new Map(fields.map((f) => [f.name, f]));
  return nodes.map((node) => encodeOne(node, byName));
}

export type Problem =
  'fieldRequired' | 'fieldUnknown' | 'valueRequired' | 'numberRequired' | 'groupEmpty';

function leafProblem(leaf: Leaf, fields: Map<string, FieldSpec>): Problem | null {
  if (!leaf.field) return 'fieldRequired';
  const spec = fields.get(leaf.field);
  if (!spec) return 'fieldUnknown';
  if (takesNothing(leaf.op)) return null;
  const texts = takesValues(leaf.op) ? leaf.values : [leaf.value];
  if (texts.length === 0 || texts.some((text) => text.trim() === '')) return 'valueRequired';
  const numeric = leaf.op === 'GTE' || leaf.op === 'LTE' || fieldKind(spec) === 'number';
  const isNumber = (text: string) => Number.isFinite(Number(text.replace(',', '.')));
  return numeric && !texts.every(isNumber) ? 'numberRequired' : null;
}

/** What is wrong, by node id. Empty when the tree may be sent. */
export function problems(
  nodes: readonly Node[],
  fields: readonly FieldSpec[],
): Record<string, Problem> {
  const byName = new Map(fields.map((f) => [f.name, f]));
  const found: Record<string, Problem> = {};
  const visit = (node: Node): void => {
    if (node.kind === 'leaf') {
      const problem = leafProblem(node, byName);
      if (problem) found[node.id] = problem;
      return;
    }
    if (node.children.length === 0) found[node.id] = 'groupEmpty';
    node.children.forEach(visit);
  };
  nodes.forEach(visit);
  return found;
}

/** A copy of the list in which one node, wherever it stands, is replaced or (null) removed. */
export function replaceNode(nodes: readonly Node[], id: string, next: Node | null): Node[] {
  return nodes.flatMap((node): Node[] => {
    if (node.id === id) return next ? [next] : [];
    if (node.kind === 'leaf') return [node];
    return [{ ...node, children: replaceNode(node.children, id, next) }];
  });
}
