//! Errors and nulls as the GraphQL specification wants them.
//!
//! The executor leaves a failed field out of its object, whatever the field's type. A client is
//! promised `null` there, and, where the type does not allow null, null in the nearest place above
//! that does. This pass puts the nulls in; it runs only for responses with errors.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
    Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, PathSegment, Response, Value};
use std::collections::HashMap;

/// The fields of every object and interface, with their types.
pub struct TypeMap {
    fields: HashMap<String, HashMap<String, Type>>,
    roots: [String; 3],
}

impl TypeMap {
    /// Reads the printed schema.
    ///
    /// # Errors
    /// The text of the parser when the SDL does not parse, which would be a bug of its printer.
    pub fn from_sdl(sdl: &str) -> Result<Self, String> {
        let document = parse_schema(sdl).map_err(|error| error.to_string())?;
        let mut fields = HashMap::new();
        let mut roots = ["Query".to_owned(), "Mutation".to_owned(), "Subscription".to_owned()];
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Type(definition) => {
                    let all = match definition.node.kind {
                        TypeKind::Object(object) => object.fields,
                        TypeKind::Interface(interface) => interface.fields,
                        _ => continue,
                    };
                    let all = all
                        .into_iter()
                        .map(|field| (field.node.name.node.to_string(), field.node.ty.node))
                        .collect();
                    fields.insert(definition.node.name.node.to_string(), all);
                }
                TypeSystemDefinition::Schema(schema) => {
                    let named = [schema.node.query, schema.node.mutation, schema.node.subscription];
                    for (root, name) in roots.iter_mut().zip(named) {
                        if let Some(name) = name {
                            *root = name.node.to_string();
                        }
                    }
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(Self { fields, roots })
    }

    fn field(&self, parent: &str, name: &str) -> Option<&Type> {
        self.fields.get(parent)?.get(name)
    }

    fn root(&self, operation: OperationType) -> &str {
        let [query, mutation, subscription] = &self.roots;
        match operation {
            OperationType::Query => query,
            OperationType::Mutation => mutation,
            OperationType::Subscription => subscription,
        }
    }
}

/// Puts null where a field failed, and moves it up where null is not allowed.
pub fn complete(
    types: &TypeMap,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    response: &mut Response,
) {
    let places: Vec<Place<'_>> = response
        .errors
        .iter()
        .filter(|error| !error.path.is_empty())
        .map(|error| Place {
            path: &error.path,
            nullable: nullable(types, document, operation, &error.path),
        })
        .collect();
    for place in &places {
        fill(&mut response.data, place.path);
    }
    for place in &places {
        let deepest = place.nullable.iter().rposition(|nullable| *nullable);
        match deepest.and_then(|last| place.path.get(..=last)) {
            Some(path) => set_null(&mut response.data, path),
            None => response.data = Value::Null,
        }
    }
}

struct Place<'r> {
    path: &'r [PathSegment],
    /// For each segment, whether null may stand there.
    nullable: Vec<bool>,
}

/// Walks the document along a path and says where null may stand. Stops early when the document
/// and the path part; what is unknown counts as nullable.
fn nullable(
    types: &TypeMap,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    path: &[PathSegment],
) -> Vec<bool> {
    let mut marks = Vec::with_capacity(path.len());
    let mut sets: Vec<(&str, &SelectionSet)> =
        vec![(types.root(operation.ty), &operation.selection_set.node)];
    let mut list: Option<&Type> = None;
    for segment in path {
        match segment {
            PathSegment::Index(_) => {
                let Some(BaseType::List(inner)) = list.map(|ty| &ty.base) else { break };
                marks.push(inner.nullable);
                list = Some(inner);
            }
            PathSegment::Field(key) => {
                let mut found = Vec::new();
                for (parent, set) in &sets {
                    find(types, document, parent, set, key, 0, &mut found);
                }
                let Some((ty, _)) = found.first() else { break };
                marks.push(ty.nullable);
                list = Some(ty);
                sets = found.iter().map(|(ty, set)| (named(ty), *set)).collect();
            }
        }
    }
    marks.resize(path.len(), true);
    marks
}

/// Every selection under a response key, with the field's type.
fn find<'d>(
    types: &'d TypeMap,
    document: &'d ExecutableDocument,
    parent: &str,
    set: &'d SelectionSet,
    key: &str,
    level: usize,
    found: &mut Vec<(&'d Type, &'d SelectionSet)>,
) {
    if level > 32 {
        return;
    }
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                if field.node.response_key().node == key
                    && let Some(ty) = types.field(parent, &field.node.name.node)
                {
                    found.push((ty, &field.node.selection_set.node));
                }
            }
            Selection::InlineFragment(inner) => {
                let on = inner.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                let set = &inner.node.selection_set.node;
                find(types, document, on.unwrap_or(parent), set, key, level + 1, found);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    let set = &fragment.node.selection_set.node;
                    find(types, document, on, set, key, level + 1, found);
                }
            }
        }
    }
}

/// The name inside all lists.
fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}

/// Makes the failed field's key exist. An object all of whose fields failed came as null.
fn fill(data: &mut Value, path: &[PathSegment]) {
    match path.split_first() {
        None => {}
        Some((PathSegment::Index(index), rest)) => {
            if let Value::List(items) = data
                && let Some(item) = items.get_mut(*index)
            {
                fill(item, rest);
            }
        }
        Some((PathSegment::Field(key), rest)) => {
            if *data == Value::Null {
                *data = Value::Object(Default::default());
            }
            if let Value::Object(fields) = data {
                let key = Name::new(key);
                let last = rest.is_empty();
                if last || fields.contains_key(&key) {
                    fill(fields.entry(key).or_insert(Value::Null), rest);
                } else {
                    // The error broke off a list or an object further down.
                    fields.insert(key, Value::Null);
                }
            }
        }
    }
}

fn set_null(data: &mut Value, path: &[PathSegment]) {
    match path.split_first() {
        None => *data = Value::Null,
        Some((PathSegment::Index(index), rest)) => {
            if let Value::List(items) = data
                && let Some(item) = items.get_mut(*index)
            {
                set_null(item, rest);
            }
        }
        Some((PathSegment::Field(key), rest)) => {
            if let Value::Object(fields) = data
                && let Some(field) = fields.get_mut(key.as_str())
            {
                set_null(field, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use async_graphql::parser::parse_query;
    use async_graphql::{ServerError, value};

    const SDL: &str = "interface Node { id: ID! } \
        type Query { a: A b: A! list: [A!]! holes: [A] node: Node } \
        type A implements Node { id: ID! must: Int! may: Int deep: A! }";

    fn completed(query: &str, data: Value, paths: &[&[&str]]) -> Value {
        let types = TypeMap::from_sdl(SDL).unwrap();
        let document = parse_query(query).unwrap();
        let operation = super::super::limits::operation(&document, None).unwrap();
        let mut response = Response::new(data);
        for path in paths {
            let path = path
                .iter()
                .map(|part| match part.parse::<usize>() {
                    Ok(index) => PathSegment::Index(index),
                    Err(_) => PathSegment::Field((*part).to_owned()),
                })
                .collect();
            response.errors.push(ServerError::new("failed", None).with_path(path));
        }
        complete(&types, &document, operation, &mut response);
        response.data
    }

    #[test]
    fn a_nullable_field_becomes_null_in_its_place() {
        let data = completed("{ a { must may } }", value!({"a": {"must": 1}}), &[&["a", "may"]]);
        assert_eq!(data, value!({"a": {"must": 1, "may": null}}));
        let data = completed("{ a { may } }", value!({"a": null}), &[&["a", "may"]]);
        assert_eq!(data, value!({"a": {"may": null}}));
        assert_eq!(completed("{ a { may } }", Value::Null, &[&["a"]]), value!({"a": null}));
    }

    #[test]
    fn null_climbs_to_where_it_may_stand() {
        let query = "{ a { deep { must } } }";
        let data = completed(query, value!({"a": {"deep": {}}}), &[&["a", "deep", "must"]]);
        assert_eq!(data, value!({"a": null}));
        let data = completed("{ b { must } }", value!({"b": null}), &[&["b", "must"]]);
        assert_eq!(data, Value::Null);
        let query = "{ holes { must } list { id } }";
        let given = value!({"holes": [{"must": 1}, {}], "list": []});
        let data = completed(query, given, &[&["holes", "1", "must"]]);
        assert_eq!(data, value!({"holes": [{"must": 1}, null], "list": []}));
    }

    #[test]
    fn fragments_and_aliases_are_followed() {
        let query = "{ x: node { ...F } } fragment F on A { m: must may }";
        let data = completed(query, value!({"x": {"may": 1}}), &[&["x", "m"]]);
        assert_eq!(data, value!({"x": null}));
    }
}
