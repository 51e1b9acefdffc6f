//! What the interface of exchangeable implementations may look like: nothing of an implementation may be compiled into the
//! tests, which see one crate and run on another.
//!
//! This parses an author's file, not a candidate's.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Signature, Type, Visibility};

/// Every way in which `lib.rs` breaks the rules, with its line.
pub(super) fn mistakes(lib: &str) -> Vec<String> {
    let file = match syn::parse_file(lib) {
        Ok(file) => file,
        Err(error) => return vec![format!("lib.rs:{}: {error}", error.span().start().line)],
    };
    let types = file.items.iter().filter_map(|item| match item {
        Item::Struct(item) if is_public(&item.vis) => Some(item.ident.to_string()),
        Item::Enum(item) if is_public(&item.vis) => Some(item.ident.to_string()),
        _ => None,
    });
    let mut lint = Lint { public: types.collect(), mistakes: Vec::new() };
    lint.visit_file(&file);
    lint.mistakes
}

struct Lint {
    /// Public types of the file.
    public: Vec<String>,
    mistakes: Vec<String>,
}

impl Lint {
    fn add(&mut self, at: impl Spanned, what: &str) {
        self.mistakes.push(format!("lib.rs:{}: {what}", at.span().start().line));
    }

    fn function(&mut self, visibility: &Visibility, signature: &Signature, attributes: &[Attribute]) {
        if !is_public(visibility) {
            return;
        }
        let lifetimes_only =
            signature.generics.type_params().next().is_none() && signature.generics.const_params().next().is_none();
        let mut any = AnyImpl(false);
        any.visit_signature(signature);
        if !lifetimes_only || any.0 {
            self.add(signature, "a generic function would be compiled into the tests: name its types");
        }
        if signature.constness.is_some() || attributes.iter().any(|attribute| attribute.path().is_ident("inline")) {
            self.add(signature, "a const or inline function would be compiled into the tests");
        }
    }

    fn field(&mut self, kind: &Type) {
        let mut names = Names(Vec::new());
        names.visit_type(kind);
        for name in names.0 {
            let known = self.public.contains(&name) || STANDARD.contains(&name.as_str());
            if !known {
                self.add(
                    kind,
                    &format!("`{name}` would be compiled into the tests: put what is private behind a Box<dyn …>"),
                );
            }
        }
    }
}

/// Types of the standard library that a public type may hold.
const STANDARD: [&str; 29] = [
    "bool", "char", "f32", "f64", "str", "String", "Vec", "Box", "Option", "Result", "BTreeMap", "BTreeSet", "HashMap",
    "HashSet", "Duration", "Arc", "Mutex", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize",
];

impl<'a> Visit<'a> for Lint {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.function(&item.vis, &item.sig, &item.attrs);
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.function(&item.vis, &item.sig, &item.attrs);
    }

    fn visit_item_struct(&mut self, item: &'a syn::ItemStruct) {
        if is_public(&item.vis) {
            item.fields.iter().for_each(|field| self.field(&field.ty));
        }
    }

    fn visit_item_enum(&mut self, item: &'a syn::ItemEnum) {
        if is_public(&item.vis) {
            item.variants.iter().flat_map(|variant| &variant.fields).for_each(|field| self.field(&field.ty));
        }
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        if is_public(&item.vis) {
            self.add(item, "the interface is lib.rs alone: a module of it is private");
        }
        visit::visit_item_mod(self, item);
    }
}

/// Whether there is an `impl Trait`.
struct AnyImpl(bool);

impl<'a> Visit<'a> for AnyImpl {
    fn visit_type_impl_trait(&mut self, _: &'a syn::TypeImplTrait) {
        self.0 = true;
    }
}

/// The last words of all types that are named, but not those behind `dyn`.
struct Names(Vec<String>);

impl<'a> Visit<'a> for Names {
    fn visit_type_path(&mut self, path: &'a syn::TypePath) {
        self.0.extend(path.path.segments.last().map(|segment| segment.ident.to_string()));
        visit::visit_type_path(self, path);
    }

    fn visit_type_trait_object(&mut self, _: &'a syn::TypeTraitObject) {}
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[cfg(test)]
mod tests {
    use super::mistakes;

    #[test]
    fn an_interface_shows_nothing_that_would_be_compiled_into_tests() {
        let good = "mod inside; pub struct S { inside: Box<dyn Inside + Send> } trait Inside {}
            #[derive(Clone)] pub enum E { A(String), B { at: Vec<u64> } } pub struct D { pub e: Option<E> }
            impl S { pub fn new<'a>(name: &'a str) -> Self { todo!() } fn own<T>(t: T) {} }";
        assert_eq!(mistakes(good), Vec::<String>::new());
        for bad in [
            "pub struct S { inside: Plain } struct Plain;",
            "pub struct S { inside: Vec<Plain> }",
            "pub fn f<T>(t: T) {}",
            "pub fn f(t: impl Clone) {}",
            "pub const fn f() {}",
            "impl S { #[inline] pub fn f() {} }",
            "pub mod inside;",
            "fn (",
        ] {
            assert_eq!(mistakes(bad).len(), 1, "{bad}");
        }
    }
}
