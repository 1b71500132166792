import KeyConstructor
import Synchronization

/// The number of flights that have published a response, for groups of keys.
///
/// A single count for all keys would make every miss look again whenever another flight ends; one count per key would grow without
/// bound.
// @unchecked Sendable because the counts are atomic and the pointer, which the counts live as long as, does not change.
final class CompletionCounts: @unchecked Sendable {
    /// One page of memory: among a hundred concurrent misses, few share a count.
    private static let count = 512

    private let counts: UnsafeMutablePointer<Atomic<Int>>

    init() {
        counts = .allocate(capacity: Self.count)
        for index in 0..<Self.count { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: Self.count)
        counts.deallocate()
    }

    /// The count of a key's group.
    subscript(key: CacheKey) -> Int { count(of: key).pointee.load(ordering: .acquiring) }

    /// Returns a flight's key for one of several scopes of a key. It is in the same group as the key.
    static func key(_ key: CacheKey, for scope: String) -> CacheKey {
        let digest = CacheKey(digestOf: scope)
        let group = UInt64(Self.count - 1)
        return CacheKey(high: key.high ^ digest.high, low: (key.low ^ digest.low) & ~group | key.low & group)
    }

    /// Counts a published response.
    func add(to key: CacheKey) {
        count(of: key).pointee.add(1, ordering: .releasing)
    }

    private func count(of key: CacheKey) -> UnsafePointer<Atomic<Int>> {
        // A key is a digest, so all its bits are alike.
        UnsafePointer(counts + Int(truncatingIfNeeded: key.low) & (Self.count - 1))
    }
}
