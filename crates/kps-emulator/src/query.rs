//! The parameters in a query, checked as the service does.

use kps_model::{Limit, Offset};
use percent_encoding::percent_decode_str;

use crate::refusal::Refusal;

/// The parameters of the lists. Others are passed over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) limit: Option<Limit>,
    pub(crate) offset: Option<Offset>,
    pub(crate) marker: Option<String>,
}

impl Query {
    /// The page that was asked for. For key pairs the limit is up to four digits, of which more than a page may hold
    /// count as a whole page.
    pub(crate) fn parse(query: &str, greatest: u64) -> Result<Self, Refusal> {
        let mut found = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            let twice = match name {
                "limit" => found.limit.replace(limit(&value, greatest)?).is_some(),
                "offset" => found.offset.replace(number(name, &value)?).is_some(),
                "marker" => found.marker.replace(value.into_owned()).is_some(),
                _ => false,
            };
            if twice {
                return Err(Refusal::bad_parameter(&format!("{name} is given twice")));
            }
        }
        Ok(found)
    }

    /// The items of a list that were asked for.
    pub(crate) fn page<'a, T>(&self, items: impl Iterator<Item = &'a T>) -> impl Iterator<Item = &'a T>
    where
        T: 'a,
    {
        items.skip(self.offset()).take(self.limit())
    }

    /// Behind how many items the page begins.
    pub(crate) fn offset(&self) -> usize {
        usize::try_from(self.offset.unwrap_or(Offset::START).get()).unwrap_or(usize::MAX)
    }

    /// How many items it has at most.
    pub(crate) fn limit(&self) -> usize {
        usize::try_from(self.limit.unwrap_or(Limit::DEFAULT).get()).unwrap_or(usize::MAX)
    }
}

fn limit(value: &str, greatest: u64) -> Result<Limit, Refusal> {
    let number: u64 = number("limit", value)?;
    let fits = value.len() <= 4 && number <= greatest;
    let number = if fits { number.min(Limit::MAX.get().into()) } else { 0 };
    Limit::try_from(number).map_err(|_| bad("limit", value))
}

fn number<T: TryFrom<u64>>(name: &str, value: &str) -> Result<T, Refusal> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| digits).and_then(|number: u64| T::try_from(number).ok());
    number.ok_or_else(|| bad(name, value))
}

fn bad(name: &str, value: &str) -> Refusal {
    Refusal::bad_parameter(&format!("{name} is invalid: {}", shortened(value)))
}

/// Of a value of any length, enough to know it by.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(64) {
        Some((at, _)) => format!("{}...", value.get(..at).unwrap_or_default()),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str, count: u32) -> Option<Vec<u32>> {
        let all: Vec<u32> = (0..count).collect();
        Some(Query::parse(query, 1000).ok()?.page(all.iter()).copied().collect())
    }

    #[test]
    fn a_page_lies_where_it_was_asked_for() {
        for (query, items) in [
            ("", &[0, 1, 2][..]),
            ("limit=2", &[0, 1]),
            ("offset=1&limit=1", &[1]),
            ("limit=%31", &[0]),
            ("offset=3", &[]),
            ("offset=100000&limit=1000&other=x", &[]),
        ] {
            assert_eq!(page(query, 3).unwrap(), items, "{query}");
        }
        assert_eq!(page("", 1500).unwrap().len(), 1000);
    }

    #[test]
    fn parameters_out_of_their_range_are_refused() {
        for query in [
            "limit=0",
            "limit=1001",
            "limit=",
            "limit",
            "limit=x",
            "limit=-1",
            "limit=+1",
            "limit=1&limit=1",
            "offset=-1",
            "offset=100001",
            "offset=1.0",
            "offset=99999999999999999999",
            "offset=0&offset=0",
            "limit=%ff",
            "marker=a&marker=b",
        ] {
            assert!(page(query, 3).is_none(), "{query}");
        }
    }

    #[test]
    fn of_key_pairs_a_limit_may_be_more_than_a_page_holds() {
        let limit = |query: &str| Query::parse(query, 9999).ok()?.limit.map(Limit::get);
        assert_eq!((limit("limit=9999"), limit("limit=0007")), (Some(1000), Some(7)));
        assert_eq!((limit("limit=10000"), limit("limit=00001"), limit("limit=0")), (None, None, None));
    }

    #[test]
    fn a_refusal_does_not_repeat_a_value_of_any_length() {
        let body = Query::parse(&format!("limit={}", "é".repeat(10_000)), 1000).unwrap_err().into_body();
        assert_eq!(body.message.unwrap(), format!("limit is invalid: {}...", "é".repeat(64)));
    }
}
