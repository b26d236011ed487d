use num_bigint::BigUint;

/// The numbers of an RSA key, as bytes.
pub(super) struct RsaParts<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
    pub(super) d: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
}

impl RsaParts<'_> {
    /// Whether the private numbers belong to the public ones, and are not those of another key.
    pub(super) fn belong_together(&self) -> bool {
        let [n, e, d, p, q] = [self.n, self.e, self.d, self.p, self.q].map(BigUint::from_bytes_be);
        let one = BigUint::from(1_u32);
        let undoes = |prime: &BigUint| *prime > one && (&e * &d) % (prime - &one) == one;
        &p * &q == n && undoes(&p) && undoes(&q)
    }
}
