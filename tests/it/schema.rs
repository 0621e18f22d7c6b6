//! One schema, two engines: both are migrated, dumped in one notation and compared. The dump is
//! committed as `migrations/schema.txt`, so that a change of the schema shows in a diff.

use crate::harness::{Kind, TestDb};
use leadbourse::platform::db::{Db, Reader as _};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Columns by table, then indexes; each as one comparable line.
type Dump = BTreeMap<String, Vec<String>>;

/// Tables that may hold a person's data: the member's own sign-in, and the one sealed place.
const MAY_NAME_PERSONS: &[&str] = &["users", "organizations", "lead_contacts"];

/// Column names that would be contact data of a lead.
const CONTACT_COLUMNS: &[&str] =
    &["phone", "email", "first_name", "last_name", "address", "ip", "user_agent", "fields", "body"];

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_the_committed_schema() {
    let sqlite = TestDb::new(Kind::Sqlite).await.unwrap();
    let dump = render(&sqlite_dump(&sqlite.db).await);
    if let Some(postgres) = TestDb::new(Kind::Postgres).await {
        let other = render(&postgres_dump(&postgres.db).await);
        assert!(dump == other, "the engines differ:\n{}", differences(&dump, &other));
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations/schema.txt");
    if std::env::var("UPDATE_SNAPSHOTS").is_ok() {
        std::fs::write(&path, &dump).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == dump,
        "migrations/schema.txt is out of date (make snapshots):\n{}",
        differences(&committed, &dump)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_data_has_one_table() {
    let db = TestDb::new(Kind::Sqlite).await.unwrap();
    for (table, lines) in sqlite_dump(&db.db).await {
        if MAY_NAME_PERSONS.contains(&table.as_str()) {
            continue;
        }
        for line in lines.iter().filter(|line| !line.starts_with("index ")) {
            let column = line.split(' ').next().unwrap();
            assert!(!CONTACT_COLUMNS.contains(&column), "{table}.{column} looks like contact data");
        }
    }
}

fn render(dump: &Dump) -> String {
    let mut text =
        String::from("# Written by tests/it/schema.rs; make snapshots writes it anew.\n");
    for (table, lines) in dump {
        let _ = write!(text, "\n{table}\n");
        for line in lines {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn differences(left: &str, right: &str) -> String {
    let mut text = String::new();
    for line in left.lines().filter(|line| !right.lines().any(|other| other == *line)) {
        let _ = writeln!(text, "- {line}");
    }
    for line in right.lines().filter(|line| !left.lines().any(|other| other == *line)) {
        let _ = writeln!(text, "+ {line}");
    }
    text
}

async fn rows(db: &Db, sql: String) -> Vec<QueryResult> {
    let tx = db.begin_read().await.unwrap();
    let backend = tx.conn().get_database_backend();
    tx.conn().query_all_raw(Statement::from_string(backend, sql)).await.unwrap()
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, column: &str) -> T {
    row.try_get("", column).unwrap()
}

fn column(name: &str, ty: &str, not_null: bool, default: bool) -> String {
    let ty = match ty.to_lowercase().as_str() {
        "blob" | "uuid" | "bytea" => "binary".to_owned(),
        other => other.to_owned(),
    };
    let null = if not_null { " not null" } else { "" };
    let default = if default { " default" } else { "" };
    format!("{name} {ty}{null}{default}")
}

async fn sqlite_dump(db: &Db) -> Dump {
    let mut dump = Dump::new();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    for row in rows(db, tables.to_owned()).await {
        let table: String = get(&row, "name");
        if table == "seaql_migrations" {
            continue;
        }
        let mut lines = Vec::new();
        let mut key: Vec<(i32, String)> = Vec::new();
        for row in rows(db, format!("PRAGMA table_info({table})")).await {
            let (name, ty): (String, String) = (get(&row, "name"), get(&row, "type"));
            let place: i32 = get(&row, "pk");
            let default: Option<String> = get(&row, "dflt_value");
            let not_null = get::<i32>(&row, "notnull") == 1 || place > 0;
            lines.push(column(&name, &ty, not_null, default.is_some()));
            if place > 0 {
                key.push((place, name));
            }
        }
        key.sort();
        let key: Vec<String> = key.into_iter().map(|(_, name)| name).collect();
        lines.push(format!("index primary ({})", key.join(", ")));
        let mut indexes = Vec::new();
        for row in rows(db, format!("PRAGMA index_list({table})")).await {
            if get::<String>(&row, "origin") == "pk" {
                continue;
            }
            let name: String = get(&row, "name");
            let mut columns = Vec::new();
            for row in rows(db, format!("PRAGMA index_info({name})")).await {
                columns.push(get::<String>(&row, "name"));
            }
            let unique = get::<i32>(&row, "unique") == 1;
            let partial = get::<i32>(&row, "partial") == 1;
            indexes.push(index(&columns.join(", "), unique, partial));
        }
        indexes.sort();
        lines.extend(indexes);
        dump.insert(table, lines);
    }
    dump
}

fn index(columns: &str, unique: bool, partial: bool) -> String {
    let unique = if unique { "unique " } else { "" };
    let partial = if partial { " partial" } else { "" };
    format!("index {unique}({columns}){partial}")
}

async fn postgres_dump(db: &Db) -> Dump {
    let mut dump = Dump::new();
    let columns = "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS ty, \
                   is_nullable = 'NO' AS not_null, column_default IS NOT NULL AS def \
                   FROM information_schema.columns WHERE table_schema = 'public' \
                   AND table_name <> 'seaql_migrations' ORDER BY table_name, ordinal_position";
    for row in rows(db, columns.to_owned()).await {
        let (table, name, ty): (String, String, String) =
            (get(&row, "t"), get(&row, "c"), get(&row, "ty"));
        let line = column(&name, &ty, get(&row, "not_null"), get(&row, "def"));
        dump.entry(table).or_default().push(line);
    }
    let indexes = "SELECT t.relname::text AS t, i.indisprimary AS pk, i.indisunique AS uq, \
                   i.indpred IS NOT NULL AS part, (SELECT string_agg(a.attname, ', ' ORDER BY k.n) \
                   FROM unnest(i.indkey::int[]) WITH ORDINALITY k(att, n) \
                   JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.att) AS cols \
                   FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
                   JOIN pg_namespace s ON s.oid = t.relnamespace WHERE s.nspname = 'public' \
                   AND t.relname <> 'seaql_migrations'";
    let mut found: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for row in rows(db, indexes.to_owned()).await {
        let (table, columns): (String, String) = (get(&row, "t"), get(&row, "cols"));
        let (primary, others) = found.entry(table).or_default();
        if get(&row, "pk") {
            primary.push(format!("index primary ({columns})"));
        } else {
            others.push(index(&columns, get(&row, "uq"), get(&row, "part")));
        }
    }
    for (table, (primary, mut others)) in found {
        others.sort();
        let lines = dump.entry(table).or_default();
        lines.extend(primary);
        lines.extend(others);
    }
    dump
}
