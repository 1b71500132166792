public import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Synchronization

/// A name for the present state of some data, kept in a store and replaced by every write to the data.
///
/// It is the invalidation pattern of drf-extensions' walkthrough: keys hold the stamp (``VersionStampKeyBit``), so after a
/// write every answer has a new key and a new entity tag, and what was cached before is never asked for again.
///
/// ```swift
/// let stamp = VersionStamp("cities", in: store)
/// let key = KeyConstructor.safeDefault.adding(["updated_at": .custom(VersionStampKeyBit(stamp))])
/// try await database.write { ... }
/// try await stamp.touch()
/// ```
///
/// A stamp is never used twice, whoever makes it, so several processes can share one in a shared store. A store that loses
/// it, or has something else in its place, gets a new one, which makes everything new and nothing wrong.
///
/// Touch the stamp when a write is visible to readers: before, a request could read the old data under the new stamp.
///
/// A store outside the process is asked for a limited time, and left alone for a while when it fails repeatedly, as a cache does it:
/// there is no key meanwhile, and requests go past the cache. A stamp that could not be replaced is replaced before it is read again
/// through the same object, so that what was written is not hidden when the store is back. So use one for all keys and writes.
public final class VersionStamp: Sendable {
    /// The name of the data.
    public let name: String

    private let key: CacheKey
    private let store: any CacheStore
    /// What is asked without waiting.
    private let front: MemoryStore?
    private let storeGuard: StoreGuard?
    private let timeSource: any TimeSource
    /// How many touches were asked for.
    private let asked = Atomic(0)
    /// The number of the latest touch that failed.
    private let failed = Atomic(0)
    /// The number of the latest touch that was asked for before a stamp was stored.
    private let done = Atomic(0)

    /// Creates a stamp.
    ///
    /// - Parameters:
    ///   - name: The name of the data. Stamps of one name in one store are one stamp.
    ///   - store: Where the stamp is kept.
    ///   - timeout: How long a store outside the process may take for one operation, and of a request for all.
    ///   - breaker: When such a store is left alone, and for how long.
    ///   - timeSource: Tells the time, which is a part of each stamp.
    ///   - clock: Measures the time-out and the pauses.
    public init(
        _ name: String,
        in store: any CacheStore,
        timeout: Duration = .milliseconds(250),
        breaker: BreakerSettings = BreakerSettings(),
        timeSource: any TimeSource = SystemTimeSource(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.name = name
        self.key = CacheKey(digestOf: "version-stamp:\(name)")
        self.store = store
        self.timeSource = timeSource
        front = store as? MemoryStore ?? (store as? any TieredCacheStore)?.memoryTier
        storeGuard = store.isInProcess ? nil : StoreGuard(of: store, breaker, limit: timeout, clock: clock) {}
    }

    /// The present stamp; a new one when the store has none.
    ///
    /// - Throws: What the store throws, and ``StoreFailure`` when it takes too long or is left alone.
    public func current() async throws -> String {
        String(buffer: try await entry(budget: nil).body)
    }

    /// When the stamp was replaced last, for Last-Modified; now, with a new stamp, when the store has none.
    ///
    /// - Throws: As ``current()``.
    public func lastTouched() async throws -> Timestamp {
        try await entry(budget: nil).storedAt
    }

    /// The present stamp for a request, which shares its time for stores with all else that the request asks of them.
    ///
    /// What the store has answered is kept for the exchange, unchanged, until a handler of an unsafe method has run: a touch in between is
    /// not seen.
    ///
    /// - Throws: As ``current()``, ``StoreFailure/noTime`` when the request has no time left, and `CancellationError` when it is
    ///   cancelled while another part of it asks.
    public func current(for exchange: Exchange) async throws -> String {
        String(buffer: try await entry(for: exchange).body)
    }

    /// When the stamp that ``current(for:)`` returns was made.
    ///
    /// - Throws: As ``current(for:)``.
    public func lastTouched(for exchange: Exchange) async throws -> Timestamp {
        try await entry(for: exchange).storedAt
    }

    private func entry(for exchange: Exchange) async throws -> CacheEntry {
        let budget = exchange.storeBudget
        return try await exchange.memo.value(of: self, for: exchange) { try await entry(budget: budget) }
    }

    /// Replaces the stamp, and with it the keys of everything that holds it.
    ///
    /// A store that is left alone is asked all the same.
    ///
    /// - Returns: The new stamp.
    /// - Throws: As ``current()``. The old stamp may then still be there, for other processes.
    @discardableResult
    public func touch() async throws -> String {
        let number = asked.add(1, ordering: .acquiringAndReleasing).newValue
        do {
            return String(buffer: try await replace(isForced: true, budget: nil).body)
        } catch {
            failed.max(number, ordering: .acquiringAndReleasing)
            throw error
        }
    }

    private func entry(budget: StoreBudget?) async throws -> CacheEntry {
        if done.load(ordering: .acquiring) < failed.load(ordering: .acquiring) {
            return try await replace(isForced: false, budget: budget)
        }
        if let found = front?.entry(for: key) { return found }
        let (store, key) = (store, key)
        let found = try await guarded(budget: budget) { () -> CacheEntry? in
            do {
                return try await store.entry(for: key)
            } catch is EntryDecodingError {
                // As good as none: the next stamp takes its place.
                return nil
            }
        }
        if let found { return found }
        return try await replace(isForced: false, budget: budget)
    }

    private func replace(isForced: Bool, budget: StoreBudget?) async throws -> CacheEntry {
        let number = asked.load(ordering: .acquiring)
        let now = timeSource.now
        // The time is for people who read a key. That no two stamps are the same is the random number's doing.
        let stamp = "\(now.nanoseconds / 1000)-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let entry = CacheEntry(status: .ok, body: ByteBuffer(string: stamp), storedAt: now)
        let (store, key) = (store, key)
        _ = try await guarded(isForced: isForced, budget: budget) {
            try await store.store(entry, for: key, unlessPurgedSince: nil)
        }
        // Not those that were asked for since: their writes may have been made since.
        done.max(number, ordering: .acquiringAndReleasing)
        return entry
    }

    private func guarded<Value: Sendable>(
        isForced: Bool = false, budget: StoreBudget?, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let storeGuard else { return try await operation() }
        return try await storeGuard(isForced: isForced, budget: budget, operation)
    }
}
