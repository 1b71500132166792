import HTTPPipeline
import KeyConstructor
import Synchronization

/// Asks a shard for room on behalf of the bodies that it keeps, as long as it is there.
///
/// A weak reference would do the same, but an object that has one counts its other references slowly from then on: those to a
/// body's variants are counted at each hit.
final class ShardRoom: Sendable {
    // The shard closes the room before it is gone, under this lock, so it is there as long as the reference is.
    private let shard = Mutex<Unmanaged<MemoryStoreShard>?>(nil)

    func open(_ shard: MemoryStoreShard) {
        let reference = Unmanaged.passUnretained(shard)
        self.shard.withLock { $0 = reference }
    }

    func close() {
        shard.withLock { $0 = nil }
    }

    /// - Returns: False when there is no room, or no shard any more.
    func reserve(_ byteCount: Int, for variants: BodyVariants, of key: CacheKey) -> Bool {
        shard.withLock { shard in
            shard?._withUnsafeGuaranteedRef { $0.reserve(byteCount, for: variants, of: key) } ?? false
        }
    }
}
