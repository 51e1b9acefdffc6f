//! Which files belong to the crate: those that `mod` reaches from its root. A file that lies beside them is nobody's.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The root of the crate.
const ROOT: &str = "src/lib.rs";

/// The files of the crate among others. Where a file can be reached in another way than by a plain `mod name;` (an attribute
/// that names a path, an included file, a module that a macro makes), all of them count; so do files that cannot be read,
/// which is said elsewhere.
pub(super) fn of_crate(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut reached = BTreeMap::new();
    let mut waiting = vec![ROOT.to_owned()];
    while let Some(path) = waiting.pop() {
        let Some(text) = files.get(&path).filter(|_| !reached.contains_key(&path)) else { continue };
        reached.insert(path.clone(), text.clone());
        let mut modules = Modules::default();
        match text.parse::<TokenStream>() {
            Ok(tokens) => modules.look(tokens, folder_of(&path)),
            Err(_) => return files.clone(),
        }
        if modules.hidden {
            return files.clone();
        }
        waiting.extend(modules.files);
    }
    reached
}

/// Where the modules of a file lie.
pub(super) fn folder_of(path: &str) -> &str {
    let file = path.strip_suffix(".rs").unwrap_or(path);
    ["/lib", "/mod"].iter().find_map(|name| file.strip_suffix(name)).unwrap_or(file)
}

/// What a file says of modules.
#[derive(Default)]
struct Modules {
    /// Paths at which the modules that it declares may lie.
    files: Vec<String>,
    /// Whether one may lie anywhere.
    hidden: bool,
}

impl Modules {
    fn look(&mut self, tokens: TokenStream, folder: &str) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let back = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
            let TokenTree::Group(group) = token else {
                if is_word(Some(token), "mod") {
                    self.module(tokens.get(at + 1), tokens.get(at + 2), folder);
                }
                continue;
            };
            let in_macro =
                is_sign(back(1), '!') || (is_sign(back(2), '!') && matches!(back(1), Some(TokenTree::Ident(_))));
            if in_macro {
                self.hidden |= names(group.stream(), &["mod", "include", "path"]);
            } else if is_sign(back(1), '#') || (is_sign(back(2), '#') && is_sign(back(1), '!')) {
                self.hidden |= names(group.stream(), &["path"]);
            } else if group.delimiter() == Delimiter::Brace && is_word(back(2), "mod") {
                // Its own modules lie in a folder of its name.
                let name = back(1).map(ToString::to_string).unwrap_or_default();
                self.look(group.stream(), &format!("{folder}/{name}"));
            } else {
                self.look(group.stream(), folder);
            }
            self.hidden |= in_macro && is_word(back(2), "include");
        }
    }

    /// `mod name;`: a file of that name, or one in a folder of that name.
    fn module(&mut self, name: Option<&TokenTree>, end: Option<&TokenTree>, folder: &str) {
        match name {
            Some(TokenTree::Ident(name)) if is_sign(end, ';') => {
                let name = name.to_string();
                let name = name.trim_start_matches("r#");
                self.files.extend([format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")]);
            }
            Some(TokenTree::Ident(_)) => {}
            _ => self.hidden = true,
        }
    }
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// Whether one of these words stands anywhere in some tokens.
fn names(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        TokenTree::Group(group) => names(group.stream(), words),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(lib: &str) -> Vec<String> {
        let files = [
            ("src/lib.rs", lib),
            ("src/a.rs", "mod b;"),
            ("src/a/b.rs", ""),
            ("src/old/a.rs", ""),
            ("src/main.rs", ""),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        of_crate(&BTreeMap::from(files)).into_keys().collect()
    }

    #[test]
    fn what_mod_does_not_reach_is_no_part_of_the_crate() {
        assert_eq!(reached("fn f() {}"), ["src/lib.rs"]);
        assert_eq!(reached("pub mod a; // mod main;"), ["src/a.rs", "src/a/b.rs", "src/lib.rs"]);
        assert_eq!(reached("mod old { mod a; }"), ["src/lib.rs", "src/old/a.rs"]);
        assert_eq!(reached("#[doc = \"mod\"] mod r#a;"), ["src/a.rs", "src/a/b.rs", "src/lib.rs"]);
    }

    #[test]
    fn where_a_file_may_be_reached_otherwise_all_count() {
        for lib in [
            "#[path = \"main.rs\"] mod m;",
            "#[cfg_attr(all(), path = \"main.rs\")] mod m;",
            "include!(\"main.rs\");",
            "macro_rules! m { ($n:ident) => { mod $n; } } m!(main);",
            "m! { mod main; }",
            "mod a { #![path = \"old\"] }",
        ] {
            assert_eq!(reached(lib).len(), 5, "{lib}");
        }
    }
}
