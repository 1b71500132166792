import HTTPPipeline
import KeyConstructor

/// Hashes keys and labels with seeds that are drawn anew for each store.
///
/// A key is the digest of text that a client may choose, so whoever wants keys that meet in one place of a table can look
/// for them offline. Without the seeds that place is not known.
struct KeyHasher: Sendable {
    private let seeds: (UInt64, UInt64)

    init() {
        var generator = SystemRandomNumberGenerator()
        seeds = (generator.next(), generator.next())
    }

    /// The hash of a key: both halves of the product of its halves, each under a seed. All of its bits may be used.
    @inline(__always)
    func hash(_ key: CacheKey) -> UInt64 {
        let product = (key.low ^ seeds.0).multipliedFullWidth(by: key.high ^ seeds.1)
        return (product.high ^ product.low) &* 0x9E37_79B9_7F4A_7C15
    }

    /// The hash of a tag: of its bytes, in linear time, which the hash of a `String` does not take.
    func hash(tag: String) -> UInt64 { hash(tag, kind: 0) }

    /// The hash of a path.
    func hash(path: String) -> UInt64 { hash(path, kind: 1) }

    private func hash(_ text: String, kind: UInt8) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(seeds.0)
        text.hashBytes(into: &hasher)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
