import HTTPPipeline
import KeyConstructor
import Synchronization

/// A reference to a shard, through which bodies reserve room for their variants for as long as the shard exists.
///
/// A weak reference would have the same effect, but reference counting is slower for an object that has one, and each hit counts
/// references to a body's variants.
final class ShardRoom: Sendable {
    // The shard closes the room under this lock before it is deallocated, so the reference is always valid.
    private let shard = Mutex<Unmanaged<MemoryStoreShard>?>(nil)

    func open(_ shard: MemoryStoreShard) {
        let reference = Unmanaged.passUnretained(shard)
        self.shard.withLock { $0 = reference }
    }

    func close() {
        shard.withLock { $0 = nil }
    }

    /// Reserves room for a variant.
    ///
    /// - Returns: Whether the variant fits; false if there is no room or the shard no longer exists.
    func reserve(_ byteCount: Int, for variants: BodyVariants, of key: CacheKey) -> Bool {
        shard.withLock { shard in
            shard?._withUnsafeGuaranteedRef { $0.reserve(byteCount, for: variants, of: key) } ?? false
        }
    }
}

/// The limits of a shard.
struct ShardLimits: Sendable {
    /// The unit of a limit: bytes, or entries of any size.
    enum Unit: Sendable {
        case bytes
        case entries
    }

    let unit: Unit
    /// The limit in that unit.
    let limit: Int
    /// The maximum number of bytes of one entry.
    let entryByteLimit: Int

    /// Returns the weight of an entry in the limit's unit.
    func weight(ofByteCount byteCount: Int) -> Int {
        switch unit {
        case .bytes: byteCount
        case .entries: 1
        }
    }

    /// Returns whether a single entry fits.
    func admits(byteCount: Int) -> Bool {
        byteCount <= entryByteLimit && weight(ofByteCount: byteCount) <= limit
    }
}
