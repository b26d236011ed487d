//! Where the key pairs come from that the service makes itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use kps_model::Secret;

use super::PublicHalf;

const MADE: &str = include_str!("made.pem");
const BEGIN: &str = "-----BEGIN RSA PRIVATE KEY-----";
const END: &str = "-----END RSA PRIVATE KEY-----\n";

/// Makes the private keys of the pairs that the service is asked to make.
///
/// A closure is one too, which lets a test decide on the keys:
///
/// ```
/// use kps_emulator::{KeySource, MadeBefore};
/// use kps_model::Secret;
///
/// let always_the_same = MadeBefore::new().make();
/// let source = move || -> Secret { always_the_same.clone() };
/// assert_eq!(source.make().expose(), source.make().expose());
/// ```
pub trait KeySource: Send + Sync {
    /// A private key: RSA of 2048 bits, as the PEM of PKCS#1 with `\n` at the end of each line.
    ///
    /// A source that cannot make one hands out an empty text. Whoever asks must read the key anyway, to know
    /// its public half, and so learns of every text that is no key.
    fn make(&self) -> Secret;

    /// Goes on as if it had made so many keys. A source that hands out keys in an order should, so that an emulator
    /// that goes on from a [`Snapshot`](crate::Snapshot) does not make one twice; for any other there is nothing to do.
    fn resume(&self, made: u64) {
        let _ = made;
    }
}

impl<F: Fn() -> Secret + Send + Sync> KeySource for F {
    fn make(&self) -> Secret {
        self()
    }
}

/// Key pairs made before the emulator was: [`COUNT`](Self::COUNT) of them, one after the other, and then from
/// the first one again. A new source begins with the first.
///
/// <div class="warning">
///
/// The private keys are printed in the source of this crate. They are for tests and protect nothing.
///
/// </div>
///
/// ```
/// use kps_emulator::{KeySource, MadeBefore};
///
/// let source = MadeBefore::new();
/// let first = source.make();
/// assert!(first.expose().starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
/// assert_ne!(source.make().expose(), first.expose());
/// ```
#[derive(Debug, Default)]
pub struct MadeBefore {
    handed_out: AtomicUsize,
}

impl MadeBefore {
    /// How many there are.
    pub const COUNT: usize = 32;

    /// Begins with the first pair.
    pub const fn new() -> Self {
        Self { handed_out: AtomicUsize::new(0) }
    }
}

impl KeySource for MadeBefore {
    fn resume(&self, made: u64) {
        let round = u64::try_from(Self::COUNT).unwrap_or(1);
        self.handed_out.store(usize::try_from(made % round).unwrap_or_default(), Ordering::Relaxed);
    }

    fn make(&self) -> Secret {
        let place = self.handed_out.fetch_add(1, Ordering::Relaxed) % Self::COUNT;
        // That there is a key in every place is a matter of this crate alone, and tested.
        let before = MADE.split_inclusive(END).nth(place).unwrap_or_default();
        Secret::new(before.find(BEGIN).and_then(|begin| before.get(begin..)).unwrap_or_default())
    }
}

/// A source, and how many keys it has made.
pub(crate) struct Keys {
    source: Arc<dyn KeySource>,
    made: AtomicU64,
}

impl Keys {
    pub(crate) fn new(source: Arc<dyn KeySource>) -> Self {
        Self { source, made: AtomicU64::new(0) }
    }

    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }
}

impl KeySource for Keys {
    fn make(&self) -> Secret {
        self.made.fetch_add(1, Ordering::Relaxed);
        self.source.make()
    }

    fn resume(&self, made: u64) {
        self.made.store(made, Ordering::Relaxed);
        self.source.resume(made);
    }
}

/// The public half of a pair the service made, as it gives it out.
pub(crate) fn generated_line(public: &PublicHalf) -> String {
    format!("{}\n", public.line("Generated-by-Nova"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread;

    use super::*;
    use crate::keys::generated_line;

    #[test]
    fn the_pairs_made_before_are_whole_and_differ() {
        let source = MadeBefore::new();
        let mut prints = BTreeSet::new();
        for _ in 0..MadeBefore::COUNT {
            let pem = source.make();
            assert!(pem.expose().starts_with(BEGIN) && pem.expose().ends_with(END));
            assert!(!pem.expose().contains('\r'));
            let public = PublicHalf::of_private(pem.expose()).unwrap();
            assert_eq!(public.algorithm(), "SSH_RSA_2048");
            prints.insert(public.sha256());
        }
        assert_eq!(prints.len(), MadeBefore::COUNT);
        assert_eq!(MADE.matches(BEGIN).count(), MadeBefore::COUNT, "none is left out");
    }

    #[test]
    fn after_the_last_pair_comes_the_first() {
        let source = MadeBefore::new();
        let round: Vec<_> = (0..MadeBefore::COUNT).map(|_| source.make()).collect();
        for pem in round {
            assert_eq!(source.make().expose(), pem.expose());
        }
    }

    #[test]
    fn a_source_goes_on_behind_what_was_made_before() {
        let (first, other) = (Keys::new(Arc::new(MadeBefore::new())), MadeBefore::new());
        for made in [0, 1, 31, 32, 100] {
            first.resume(0);
            (0..made).for_each(|_| drop(first.make()));
            assert_eq!(first.made(), made);
            other.resume(made);
            assert_eq!(first.make().expose(), other.make().expose(), "{made}");
        }
        let closure = || Secret::new("always");
        closure.resume(7);
        assert_eq!(closure.make().expose(), "always");
    }

    #[test]
    fn threads_get_different_pairs() {
        let source: Arc<dyn KeySource> = Arc::new(MadeBefore::new());
        let threads: Vec<_> = (0..MadeBefore::COUNT)
            .map(|_| {
                let source = Arc::clone(&source);
                thread::spawn(move || source.make().expose().to_owned())
            })
            .collect();
        let pems: BTreeSet<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(pems.len(), MadeBefore::COUNT);
    }

    #[test]
    fn the_line_of_a_made_pair_reads_as_its_public_half() {
        let public = PublicHalf::of_private(MadeBefore::new().make().expose()).unwrap();
        let line = generated_line(&public);
        assert!(line.starts_with("ssh-rsa AAAAB3NzaC1yc2E"), "{line}");
        assert!(line.ends_with(" Generated-by-Nova\n"), "{line}");
        assert_eq!(PublicHalf::parse(&line).unwrap(), public);
    }
}
