use alloc::boxed::Box;
use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

/// A string that lives in place up to `N` bytes and on the heap beyond.
///
/// A page holds a thousand tasks of eight strings each, nearly all of them short; this is what lets a task
/// be decoded without allocating.
#[derive(Clone)]
pub(crate) enum Inline<const N: usize> {
    Short { len: u8, bytes: [u8; N] },
    Long(Box<str>),
}

impl<const N: usize> Inline<N> {
    #[inline]
    pub(crate) fn new(text: &str) -> Self {
        let mut bytes = [0; N];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(slot), Ok(len)) => {
                slot.copy_from_slice(text.as_bytes());
                Self::Short { len, bytes }
            }
            _ => Self::Long(text.into()),
        }
    }

    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        match self {
            // Only `new` fills the bytes, from a `str`, so neither default is ever taken.
            Self::Short { len, bytes } => {
                core::str::from_utf8(bytes.get(..usize::from(*len)).unwrap_or_default()).unwrap_or_default()
            }
            Self::Long(text) => text,
        }
    }
}

impl<const N: usize> PartialEq for Inline<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<const N: usize> Eq for Inline<N> {}

impl<const N: usize> PartialOrd for Inline<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Inline<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<const N: usize> Hash for Inline<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn holds_any_text_at_any_length(text in "\\PC{0,60}") {
            let (short, long) = (Inline::<30>::new(&text), Inline::<2>::new(&text));
            prop_assert_eq!(short.as_str(), text.as_str());
            prop_assert_eq!(long.as_str(), text.as_str());
        }

        #[test]
        fn orders_as_text_does(a in "[a-c]{0,4}", b in "[a-c]{0,4}") {
            prop_assert_eq!(Inline::<2>::new(&a).cmp(&Inline::<2>::new(&b)), a.cmp(&b));
            prop_assert_eq!(Inline::<2>::new(&a) == Inline::<2>::new(&b), a == b);
        }
    }

    #[test]
    fn goes_to_the_heap_one_byte_past_the_end() {
        let full = String::from("abcd");
        assert!(matches!(Inline::<4>::new(&full), Inline::Short { .. }));
        assert!(matches!(Inline::<3>::new(&full), Inline::Long(_)));
    }
}
