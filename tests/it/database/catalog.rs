//! What a database says that it holds, as lines that read the same for both.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::Text;
use quorate::db::AnyConnection;
use regex::Regex;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// `table.column type`, then ` null` where it may be, and ` key 1` for its place in the primary key.
pub fn columns(connection: &mut AnyConnection) -> BTreeSet<String> {
    lines(
        connection,
        r#"SELECT t.name || '.' || c.name || ' ' || lower(c.type) || CASE WHEN c."notnull" THEN '' ELSE ' null' END
               || CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END AS line
           FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"#,
        "SELECT c.table_name || '.' || c.column_name || ' ' || replace(c.data_type, 'bytea', 'blob')
               || CASE c.is_nullable WHEN 'YES' THEN ' null' ELSE '' END
               || coalesce(' key ' || k.ordinal_position, '') AS line
           FROM information_schema.columns c
           LEFT JOIN (information_schema.key_column_usage k JOIN information_schema.table_constraints p
                   ON p.constraint_name = k.constraint_name AND p.constraint_type = 'PRIMARY KEY')
               ON k.table_name = c.table_name AND k.column_name = c.column_name
           WHERE c.table_schema = 'public'",
    )
}

/// `name on table (columns)`, then ` unique`; a constraint's index has no name of ours.
pub fn indexes(connection: &mut AnyConnection) -> BTreeSet<String> {
    lines(
        connection,
        r#"SELECT CASE i.origin WHEN 'c' THEN i.name ELSE 'constraint' END || ' on ' || t.name || ' ('
               || (SELECT group_concat(name, ', ') FROM pragma_index_info(i.name)) || ')'
               || CASE WHEN i."unique" THEN ' unique' ELSE '' END AS line
           FROM sqlite_master t, pragma_index_list(t.name) i WHERE t.type = 'table' AND i.origin <> 'pk'"#,
        "SELECT CASE WHEN k.oid IS NULL THEN i.relname ELSE 'constraint' END || ' on ' || t.relname || ' ('
               || (SELECT string_agg(a.attname, ', ' ORDER BY c.place) FROM unnest(x.indkey) WITH ORDINALITY c(number, place)
                   JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.number) || ')'
               || CASE WHEN x.indisunique THEN ' unique' ELSE '' END AS line
           FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
           LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype = 'u'
           WHERE t.relnamespace = 'public'::regnamespace AND NOT x.indisprimary",
    )
}

/// `table.column -> table.column`, then what happens when that is deleted.
pub fn references(connection: &mut AnyConnection) -> BTreeSet<String> {
    lines(
        connection,
        r#"SELECT t.name || '.' || f."from" || ' -> ' || f."table" || '.' || f."to" || ' ' || lower(f.on_delete) AS line
           FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'"#,
        "SELECT t.relname || '.' || a.attname || ' -> ' || u.relname || '.' || b.attname || ' '
               || CASE k.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'r' THEN 'restrict'
                  ELSE 'no action' END AS line
           FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class u ON u.oid = k.confrelid
           CROSS JOIN unnest(k.conkey, k.confkey) c(one, other)
           JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.one
           JOIN pg_attribute b ON b.attrelid = u.oid AND b.attnum = c.other
           WHERE k.contype = 'f'",
    )
}

/// `table: words of a check constraint`, without parentheses, casts and commas. What must be one of a list reads `name in 'a' 'b'`.
pub fn checks(connection: &mut AnyConnection) -> BTreeSet<String> {
    let written = lines(
        connection,
        "SELECT name || ' ' || sql AS line FROM sqlite_master WHERE type = 'table'",
        "SELECT t.relname || ' ' || pg_get_constraintdef(k.oid) AS line
           FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
           WHERE k.contype = 'c' AND t.relnamespace = 'public'::regnamespace",
    );
    let check = Regex::new(r"(?s)\bCHECK\s*\(").unwrap();
    let of_table = |line: &String| {
        let (table, sql) = line.split_once(' ').unwrap();
        let starts = check.find_iter(sql).map(|found| inside(&sql[found.end()..]));
        starts.map(|text| format!("{table}: {}", words(text))).collect::<Vec<_>>()
    };
    written.iter().flat_map(of_table).collect()
}

/// The text up to the parenthesis that closes the one before it.
fn inside(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &text[..end.unwrap()]
}

fn words(check: &str) -> String {
    let casts = Regex::new(r"::\w+(\[\])?").unwrap();
    let word = Regex::new(r"'[^']*'|\w+|<>|[=<>]+").unwrap();
    let plain = casts.replace_all(check, "");
    let words: Vec<String> = word
        .find_iter(&plain)
        .map(
            |word| {
                if word.as_str().starts_with('\'') { word.as_str().to_owned() } else { word.as_str().to_lowercase() }
            },
        )
        .filter(|word| word != "array")
        .collect();
    words.join(" ").replace("= any", "in")
}

/// A row by the names of its columns.
pub type Row = BTreeMap<String, String>;

/// All rows of all tables.
pub fn rows(connection: &mut AnyConnection) -> BTreeMap<String, BTreeSet<Row>> {
    tables(connection)
        .into_iter()
        .map(|table| {
            let values = lines(
                connection,
                &format!(
                    "SELECT 'SELECT json_object(' || group_concat('''' || name || ''', quote(' || name || ')') || ') AS line
                     FROM {table}' AS line FROM pragma_table_info('{table}')"
                ),
                &format!("SELECT 'SELECT to_jsonb({table})::text AS line FROM {table}' AS line"),
            );
            let select = values.first().unwrap();
            let rows = lines(connection, select, select);
            let row = |line: &String| {
                let row: BTreeMap<String, serde_json::Value> = serde_json::from_str(line).unwrap();
                row.into_iter().map(|(name, value)| (name, value.to_string())).collect::<Row>()
            };
            (table, rows.iter().map(row).collect())
        })
        .collect()
}

/// Names of all tables.
pub fn tables(connection: &mut AnyConnection) -> BTreeSet<String> {
    columns(connection).iter().map(|line| line.split('.').next().unwrap().to_owned()).collect()
}

fn lines(connection: &mut AnyConnection, sqlite: &str, postgres: &str) -> BTreeSet<String> {
    let lines: Vec<Line> = match connection {
        AnyConnection::Sqlite(c) => diesel::sql_query(sqlite).load(c).unwrap(),
        AnyConnection::Postgres(c) => diesel::sql_query(postgres).load(c).unwrap(),
    };
    let ours = |line: &String| !line.contains("__diesel") && !line.starts_with("sqlite_");
    lines.into_iter().map(|line| line.line).filter(ours).collect()
}
