//! Addresses of the page with other filters. An attempt stays in all of them.

use super::filter::IncidentQuery;

/// The address of one incident's page, for links from it.
pub(super) struct Address {
    slug: String,
    /// The attempt and the position in it, as parameters.
    attempt: Vec<(&'static str, String)>,
    /// The filters that are set, as parameters.
    filters: Vec<(&'static str, String)>,
}

impl Address {
    pub(super) fn of(slug: &str, query: &IncidentQuery) -> Self {
        Self { slug: slug.to_owned(), attempt: query.attempt(), filters: query.filters() }
    }

    /// The page with these filters and no others.
    pub(super) fn with(&self, filters: &[(&'static str, String)]) -> String {
        self.at("/incident", filters)
    }

    /// The page with these filters changed and all others as they are. An empty text removes a filter.
    pub(super) fn changed(&self, changes: &[(&'static str, String)]) -> String {
        let kept = self.filters.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let filters: Vec<_> = kept.chain(changes).filter(|(_, value)| !value.is_empty()).cloned().collect();
        self.with(&filters)
    }

    /// The page of the exercise.
    pub(super) fn exercise(&self) -> String {
        self.at("", &[])
    }

    fn at(&self, page: &str, filters: &[(&'static str, String)]) -> String {
        let parameters: Vec<_> = self.attempt.iter().chain(filters).collect();
        let query = serde_html_form::to_string(&parameters).unwrap_or_default();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/exercises/{}{page}{mark}{query}", self.slug)
    }
}
