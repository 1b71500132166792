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
