import KeyConstructor
import Synchronization

/// How many flights have ended with an answer, for groups of keys: one count for all keys would have every request that found nothing
/// stored look again while others end, and one for each key would grow.
// Sendable because the counts are atomic and the pointer, which the counts live as long as, does not change.
final class CompletionCounts: @unchecked Sendable {
    /// A page of memory: of a hundred requests at the same time a few share a count.
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

    /// The key of the flights for one of several paths of a key. It is in the same group as the key.
    static func key(_ key: CacheKey, for path: String) -> CacheKey {
        let digest = CacheKey(digestOf: path)
        let group = UInt64(Self.count - 1)
        return CacheKey(high: key.high ^ digest.high, low: (key.low ^ digest.low) & ~group | key.low & group)
    }

    /// Counts an answer.
    func add(to key: CacheKey) {
        count(of: key).pointee.add(1, ordering: .releasing)
    }

    private func count(of key: CacheKey) -> UnsafePointer<Atomic<Int>> {
        // A key is a digest, so all its bits are alike.
        UnsafePointer(counts + Int(truncatingIfNeeded: key.low) & (Self.count - 1))
    }
}
