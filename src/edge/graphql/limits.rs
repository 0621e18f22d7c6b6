//! What a document may ask for: depth, aliases, and a cost that grows with page sizes.
//!
//! The walk expands fragments under a budget and stops at the first limit, so a small document
//! that would expand to a huge one costs no more than the limit itself. It runs before
//! validation, for every request, also for documents out of the cache.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Positioned, Value as ConstValue, Variables};
use leadbourse_core::error::{Code, Problem};

use crate::edge::errors;
use crate::platform::config::Limits;

/// Page size of a connection whose document does not say one.
const DEFAULT_PAGE: usize = 25;
/// Introspection of nested types is deep and harmless.
const INTROSPECTION_DEPTH: usize = 20;

/// The limits of one document.
#[derive(Clone, Copy, Debug)]
pub struct DocumentLimits {
    /// Levels of fields.
    pub depth: usize,
    /// Sum over fields, each child multiplied by the page size of the connection above it.
    pub complexity: usize,
    /// Aliases, fragments expanded.
    pub aliases: usize,
    /// Bytes of the text.
    pub bytes: usize,
}

impl From<&Limits> for DocumentLimits {
    fn from(limits: &Limits) -> Self {
        Self {
            depth: limits.graphql_depth,
            complexity: limits.graphql_complexity,
            aliases: limits.graphql_aliases,
            bytes: limits.graphql_document_bytes,
        }
    }
}

/// The operation of a document that a request means.
pub fn operation<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Option<&'d OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|o| &o.node),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            all.values().next().map(|o| &o.node)
        }
        _ => None,
    }
}

/// The names of the operation's root fields, fragments expanded. Only for a document that
/// [`check`] has passed: it bounds how deep fragments nest and how many there are.
pub fn root_fields<'d>(
    document: &'d ExecutableDocument,
    operation: &'d OperationDefinition,
) -> Vec<&'d str> {
    let mut names = Vec::new();
    collect(document, &operation.selection_set.node, &mut names);
    names
}

fn collect<'d>(document: &'d ExecutableDocument, set: &'d SelectionSet, names: &mut Vec<&'d str>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => names.push(field.node.name.node.as_str()),
            Selection::InlineFragment(inner) => {
                collect(document, &inner.node.selection_set.node, names);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(document, &fragment.node.selection_set.node, names);
                }
            }
        }
    }
}

/// Whether any variable that must have a value has none (missing without default, or null).
pub fn missing_variable<'d>(
    operation: &'d OperationDefinition,
    variables: &Variables,
) -> Option<&'d str> {
    operation.variable_definitions.iter().find_map(|definition| {
        let definition = &definition.node;
        let name = &definition.name.node;
        let missing = match variables.get(name) {
            None => definition.default_value.is_none(),
            Some(value) => *value == ConstValue::Null,
        };
        (!definition.var_type.node.nullable && missing).then_some(name.as_str())
    })
}

/// Refuses an operation that asks for more than the limits allow.
pub fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    limits: &DocumentLimits,
) -> Result<(), Problem> {
    let mut walk =
        Walk { document, operation, variables, limits, aliases: 0, cost: 0, steps: 0, spread: 0 };
    walk.set(&operation.selection_set.node, 1, 1, limits.depth)?;
    if operation.ty == OperationType::Mutation && walk.cost > limits.complexity {
        return Err(errors::GRAPHQL_TOO_COMPLEX.into());
    }
    Ok(())
}

struct Walk<'d> {
    document: &'d ExecutableDocument,
    operation: &'d OperationDefinition,
    variables: &'d Variables,
    limits: &'d DocumentLimits,
    aliases: usize,
    cost: usize,
    steps: usize,
    spread: usize,
}

impl<'d> Walk<'d> {
    fn set(
        &mut self,
        set: &'d SelectionSet,
        level: usize,
        factor: usize,
        depth: usize,
    ) -> Result<(), Problem> {
        for item in &set.items {
            // Empty fragments cost nothing but steps, so steps have a limit of their own.
            self.steps += 1;
            refuse_if(self.steps > self.limits.complexity, errors::GRAPHQL_TOO_COMPLEX)?;
            match &item.node {
                Selection::Field(field) => self.field(field, level, factor, depth)?,
                Selection::InlineFragment(inner) => self.nested(|walk| {
                    walk.set(&inner.node.selection_set.node, level, factor, depth)
                })?,
                Selection::FragmentSpread(spread) => {
                    let name: &Name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name) {
                        self.nested(|walk| {
                            walk.set(&fragment.node.selection_set.node, level, factor, depth)
                        })?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A fragment inside a fragment: bounded, so that cycles end.
    fn nested(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.spread += 1;
        refuse_if(self.spread > 24, errors::GRAPHQL_TOO_DEEP)?;
        let outcome = run(self);
        self.spread -= 1;
        outcome
    }

    fn field(
        &mut self,
        field: &'d Positioned<Field>,
        level: usize,
        factor: usize,
        depth: usize,
    ) -> Result<(), Problem> {
        let field = &field.node;
        let depth =
            if field.name.node.starts_with("__") { depth.max(INTROSPECTION_DEPTH) } else { depth };
        refuse_if(level > depth, errors::GRAPHQL_TOO_DEEP)?;
        if field.alias.is_some() {
            self.aliases += 1;
            refuse_if(self.aliases > self.limits.aliases, errors::GRAPHQL_TOO_MANY_ALIASES)?;
        }
        self.cost = self.cost.saturating_add(factor);
        refuse_if(self.cost > self.limits.complexity, errors::GRAPHQL_TOO_COMPLEX)?;
        let factor = factor.saturating_mul(self.page(field));
        self.set(&field.selection_set.node, level + 1, factor, depth)
    }

    /// How many children a field may bring: its `first`, or the default for a connection.
    fn page(&self, field: &'d Field) -> usize {
        let Some(first) = field.get_argument("first") else {
            return if is_connection(&field.selection_set.node) { DEFAULT_PAGE } else { 1 };
        };
        let value =
            first.node.clone().into_const_with(|name| self.value_of(&name).cloned().ok_or(()));
        match value {
            Ok(ConstValue::Number(number)) => size(number.as_u64()),
            _ => DEFAULT_PAGE,
        }
    }

    fn value_of(&self, name: &Name) -> Option<&ConstValue> {
        self.variables.get(name).or_else(|| {
            self.operation
                .variable_definitions
                .iter()
                .find(|definition| definition.node.name.node == *name)
                .and_then(|definition| definition.node.default_value.as_ref())
                .map(|value| &value.node)
        })
    }
}

/// A page size as a factor: at least one, at most what a page can hold.
fn size(asked: Option<u64>) -> usize {
    asked.and_then(|n| usize::try_from(n).ok()).unwrap_or(DEFAULT_PAGE).clamp(1, 100)
}

/// Whether the selection is one of a connection: it asks for `nodes` or `edges`.
fn is_connection(set: &SelectionSet) -> bool {
    set.items.iter().any(|item| match &item.node {
        Selection::Field(field) => matches!(field.node.name.node.as_str(), "nodes" | "edges"),
        _ => false,
    })
}

fn refuse_if(refused: bool, code: Code) -> Result<(), Problem> {
    if refused { Err(code.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    const LIMITS: DocumentLimits =
        DocumentLimits { depth: 5, complexity: 500, aliases: 3, bytes: 10_000 };

    fn verdict(text: &str, variables: ConstValue) -> Option<&'static str> {
        let document = parse_query(text).unwrap();
        let operation = operation(&document, None).unwrap();
        check(&document, operation, &Variables::from_value(variables), &LIMITS)
            .err()
            .map(|problem| problem.code.name)
    }

    #[test]
    fn depth_and_aliases_are_counted_through_fragments() {
        assert_eq!(verdict("{ a { b { c { d { e } } } } }", value!({})), None);
        let deep = "{ a { ...F } } fragment F on T { b { c { d { e { f } } } } }";
        assert_eq!(verdict(deep, value!({})), Some("GRAPHQL_TOO_DEEP"));
        let aliased = "{ ...F ...F } fragment F on Query { x: a y: a }";
        assert_eq!(verdict(aliased, value!({})), Some("GRAPHQL_TOO_MANY_ALIASES"));
    }

    #[test]
    fn cost_multiplies_with_page_sizes() {
        assert_eq!(verdict("{ a(first: 100) { nodes { b c } } }", value!({})), None);
        let nested = "{ a(first: 100) { nodes { b { nodes { c } } } } }";
        assert_eq!(verdict(nested, value!({})), Some("GRAPHQL_TOO_COMPLEX"));
        let variable = "query($n: Int) { a(first: $n) { nodes { b { nodes { c } } } } }";
        assert_eq!(verdict(variable, value!({"n": 2})), None);
        assert_eq!(verdict(variable, value!({"n": 100})), Some("GRAPHQL_TOO_COMPLEX"));
    }

    #[test]
    fn cycles_and_bombs_of_fragments_end_at_a_limit() {
        let cycle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
        assert_eq!(verdict(cycle, value!({})), Some("GRAPHQL_TOO_DEEP"));
        let mut bomb = String::from("{ ...F0 }");
        for n in 0..20 {
            let next = n + 1;
            bomb.push_str(&format!(" fragment F{n} on Query {{ ...F{next} ...F{next} }}"));
        }
        bomb.push_str(" fragment F20 on Query { a }");
        assert_eq!(verdict(&bomb, value!({})), Some("GRAPHQL_TOO_COMPLEX"));
    }

    #[test]
    fn a_required_variable_must_have_a_value() {
        let document = parse_query("query($a: ID!, $b: Int! = 1, $c: Int) { x }").unwrap();
        let operation = operation(&document, None).unwrap();
        let missing = |v| missing_variable(operation, &Variables::from_value(v));
        assert_eq!(missing(value!({})), Some("a"));
        assert_eq!(missing(value!({"a": null})), Some("a"));
        assert_eq!(missing(value!({"a": "1"})), None);
        assert_eq!(missing(value!({"a": "1", "b": null})), Some("b"));
    }

    #[test]
    fn root_fields_are_found_inside_fragments() {
        let document =
            parse_query("mutation { ...F x: signIn } fragment F on Mutation { signOut }").unwrap();
        let operation = operation(&document, None).unwrap();
        assert_eq!(root_fields(&document, operation), ["signOut", "signIn"]);
    }

    #[test]
    fn deep_fragments_and_many_fields_hide_no_root_field() {
        let deep = format!("mutation {{ {}signOut{} }}", "... { ".repeat(20), " }".repeat(20));
        let document = parse_query(deep).unwrap();
        assert_eq!(root_fields(&document, operation(&document, None).unwrap()), ["signOut"]);
        let names: Vec<String> = (0..300).map(|n| format!("a{n}: __typename")).collect();
        let document = parse_query(format!("mutation {{ {} signOut }}", names.join(" "))).unwrap();
        let fields = root_fields(&document, operation(&document, None).unwrap());
        assert_eq!((fields.len(), fields.last().copied()), (301, Some("signOut")));
    }
}
