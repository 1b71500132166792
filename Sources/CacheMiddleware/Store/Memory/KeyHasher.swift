import HTTPPipeline
import KeyConstructor

/// A hasher of keys and labels with seeds that are random for each store.
///
/// A key is the digest of text that a client may choose, so an attacker can search offline for keys that collide in a table. The
/// random seeds prevent this.
struct KeyHasher: Sendable {
    private let seeds: (UInt64, UInt64)

    init() {
        var generator = SystemRandomNumberGenerator()
        seeds = (generator.next(), generator.next())
    }

    /// Returns the hash of a key: the combined halves of the product of the key's halves, each combined with a seed. All of its
    /// bits are usable.
    @inline(__always)
    func hash(_ key: CacheKey) -> UInt64 {
        let product = (key.low ^ seeds.0).multipliedFullWidth(by: key.high ^ seeds.1)
        return (product.high ^ product.low) &* 0x9E37_79B9_7F4A_7C15
    }

    /// Returns the hash of a tag. It hashes the bytes in linear time, unlike the hash of a `String`.
    func hash(tag: String) -> UInt64 { hash(tag, kind: 0) }

    /// Returns the hash of a path.
    func hash(path: String) -> UInt64 { hash(path, kind: 1) }

    private func hash(_ text: String, kind: UInt8) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(seeds.0)
        text.hashBytes(into: &hasher)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
