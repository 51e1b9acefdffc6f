//! Which names of a program its author has chosen. They are folded, since renaming them is the first thing that somebody does who
//! hides a copy. Names of the standard library can't be changed, and tell one solution from another.

use std::collections::{BTreeMap, BTreeSet};

use crate::lexer::{Kind, Token};

/// What declares the word that follows it.
const DECLARING: [&str; 10] = ["fn", "struct", "enum", "union", "trait", "type", "mod", "const", "static", "let"];

/// The names that some files declare, and what they call the names of others.
#[derive(Debug, Default)]
pub(super) struct Names<'t> {
    /// Functions, types, constants and all else that has a place in a module.
    items: BTreeSet<&'t str>,
    /// Variables, fields and parameters.
    locals: BTreeSet<&'t str>,
    /// Names that a `use … as …` gives, with those that they stand for.
    aliases: BTreeMap<&'t str, &'t str>,
}

impl<'t> Names<'t> {
    /// Takes in what a file declares. Its attributes are left out of the tokens, its imports are not.
    pub(super) fn add(&mut self, tokens: &[Token<'t>]) {
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
            let rest = tokens.get(at + 1..).unwrap_or_default();
            match (token.text, rest) {
                ("use", import) => self.aliases.extend(aliases(import)),
                ("enum", [name, body @ ..]) => {
                    self.items.insert(name.text);
                    self.items.extend(variants(body));
                }
                ("macro_rules", [_, name, ..]) => drop(self.items.insert(name.text)),
                ("let" | "static", [mutable, name, ..]) if mutable.text == "mut" => drop(self.locals.insert(name.text)),
                // Behind `if let` stands a pattern such as `Some(x)`.
                ("let", [name, ..]) if name.text.starts_with(char::is_uppercase) => {}
                ("let", [name, ..]) => drop(self.locals.insert(name.text)),
                (word, [name, ..]) if DECLARING.contains(&word) => drop(self.items.insert(name.text)),
                (name, [colon, after, ..]) if colon.text == ":" && after.text != ":" => drop(self.locals.insert(name)),
                _ => {}
            }
        }
    }

    /// Whether the author gave an item this name. What was given to everybody is nobody's choice.
    pub(super) fn declare_item(&self, name: &str, given: &BTreeSet<String>) -> bool {
        self.items.contains(name) && !given.contains(name)
    }

    /// Whether the author gave this name to something that isn't an item, and may be called as a function all the same.
    pub(super) fn declare_local(&self, name: &str) -> bool {
        self.locals.contains(name)
    }

    /// What a name stands for, if an import gave it.
    pub(super) fn original(&self, name: &'t str) -> &'t str {
        self.aliases.get(name).copied().unwrap_or(name)
    }

    /// The names of items, which others who were given these files have to leave as they are.
    pub(super) fn items(&self) -> impl Iterator<Item = &'t str> {
        self.items.iter().copied()
    }
}

/// The names that an import gives, from behind its `use`, with those that they stand for.
fn aliases<'t>(tokens: &[Token<'t>]) -> Vec<(&'t str, &'t str)> {
    let end = tokens.iter().position(|token| token.text == ";").unwrap_or_default();
    let import = tokens.get(..end).unwrap_or_default();
    let pair = |three: &[Token<'t>]| match three {
        [original, word, alias] if word.text == "as" && alias.text != "_" => Some((alias.text, original.text)),
        _ => None,
    };
    import.windows(3).filter_map(pair).collect()
}

/// The variants of an enumeration, from behind its name.
fn variants<'t>(tokens: &[Token<'t>]) -> Vec<&'t str> {
    let (mut found, mut depth, mut begins) = (Vec::new(), 0_u32, false);
    for token in tokens {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" if depth <= 1 => break,
            "}" | ")" | "]" => depth -= 1,
            ";" if depth == 0 => break,
            name if begins && token.kind == Kind::Word => found.push(name),
            _ => {}
        }
        begins = depth == 1 && matches!(token.text, "{" | ",");
    }
    found
}

/// Whether this is a type that the language itself names.
pub(super) fn is_primitive(name: &str) -> bool {
    const PRIMITIVES: [&str; 17] = [
        "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16", "u32", "u64",
        "u8", "usize",
    ];
    PRIMITIVES.contains(&name)
}
