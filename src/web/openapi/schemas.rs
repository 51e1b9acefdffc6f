//! Schemas whose derived form says more than is true.

use utoipa::Modify;
use utoipa::openapi::schema::{AnyOfBuilder, OneOf, Schema};
use utoipa::openapi::{OpenApi, RefOr};

/// An enum that has no tag may have several forms that fit one value, as where one form has no fields. So it's `anyOf`, where
/// the derived schema says `oneOf`.
pub(super) struct Overlap;

impl Modify for Overlap {
    fn modify(&self, document: &mut OpenApi) {
        let schemas = document.components.iter_mut().flat_map(|components| components.schemas.values_mut());
        for schema in schemas {
            if let RefOr::T(Schema::OneOf(OneOf { items, description, discriminator: None, .. })) = schema {
                let forms = std::mem::take(items);
                let any = forms.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item);
                *schema = RefOr::T(Schema::AnyOf(any.description(description.take()).build()));
            }
        }
    }
}
