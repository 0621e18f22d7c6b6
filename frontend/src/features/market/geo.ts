import { type FieldSpec, type Leaf, newLeaf, type Node } from './conditions';

/** The niche's field of the region, if it is a choice: the first one marked as such. */
export function regionField(fields: readonly FieldSpec[]): FieldSpec | null {
  return fields.find((field) => field.kind === 'region' && field.options.length > 0) ?? null;
}

/** The condition that says in which regions leads are bought: "region is one of …" at the top. */
export function regionNode(nodes: readonly Node[], field: FieldSpec): Leaf | null {
  const found = nodes.find(
    (node): node is Leaf => node.kind === 'leaf' && node.field === field.name && node.op === 'IN',
  );
  return found ?? null;
}

/** The conditions with these regions; without any the condition goes. */
export function withRegions(
  nodes: readonly Node[],
  field: FieldSpec,
  regions: readonly string[],
): Node[] {
  const before = regionNode(nodes, field);
  const rest = nodes.filter((node) => node !== before);
  if (regions.length === 0) return rest;
  const leaf: Leaf = { ...(before ?? newLeaf(field)), op: 'IN', value: '', values: [...regions] };
  // It keeps its place, so that saving the same regions again changes nothing.
  return before === null ? [leaf, ...rest] : nodes.map((node) => (node === before ? leaf : node));
}
