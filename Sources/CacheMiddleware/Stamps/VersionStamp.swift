public import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Synchronization

/// An identifier of the current state of some data, kept in a store and replaced after every write to the data.
///
/// It is the invalidation pattern of drf-extensions' walkthrough: keys contain the stamp (``VersionStampKeyBit``), so after a write
/// every response has a new key and a new entity tag, and entries under the old keys are never requested again.
///
/// ```swift
/// let stamp = VersionStamp("cities", in: store)
/// let key = KeyConstructor.safeDefault.adding(["updated_at": .custom(VersionStampKeyBit(stamp))])
/// try await database.write { ... }
/// try await stamp.touch()
/// ```
///
/// Stamps are unique across processes, so several processes can use one in a shared store. If the store loses the stamp, or has
/// other bytes in its place, a new one is created. This invalidates all entries, but never serves a wrong one.
///
/// Touch the stamp after a write is visible to readers. If it is touched earlier, a request can read the old data under the new
/// stamp.
///
/// Like a cache, a stamp limits the time of operations on a store outside the process and uses a circuit breaker. While the store
/// fails there is no key, and requests bypass the cache. A stamp whose replacement failed is replaced before it is read again
/// through the same object, so that the write takes effect once the store has recovered. So use one object for all keys and writes.
public final class VersionStamp: Sendable {
    /// The name of the data.
    public let name: String

    let key: CacheKey
    private let guarded: GuardedStore
    private let timeSource: any TimeSource
    /// The number of requested touches.
    private let asked = Atomic(0)
    /// The number of the latest touch that failed.
    private let failed = Atomic(0)
    /// The number of the latest touch that was requested before a stamp was stored.
    private let done = Atomic(0)

    /// Creates a stamp.
    ///
    /// - Parameters:
    ///   - name: The name of the data. Stamps with the same name in the same store are the same stamp.
    ///   - store: The store that keeps the stamp.
    ///   - timeout: The time limit of one operation on a store outside the process, and of all operations of a request together.
    ///   - breaker: The settings of the circuit breaker of such a store.
    ///   - runtime: The clocks: one for the time that is part of each stamp, the other for the timeout and the pauses.
    public init(
        _ name: String,
        in store: any CacheStore,
        timeout: Duration = .milliseconds(250),
        breaker: BreakerSettings = BreakerSettings(),
        runtime: CacheRuntime = CacheRuntime()
    ) {
        self.name = name
        self.key = CacheKey(digestOf: "version-stamp:\(name)")
        timeSource = runtime.timeSource
        guarded = GuardedStore(store, breaker: breaker, limit: timeout, clock: runtime.clock)
    }

    /// Returns the current stamp; creates one if the store has none.
    ///
    /// - Throws: Any error of the store, and ``StoreFailure`` if it times out or its circuit breaker is open.
    public func current() async throws -> String {
        String(buffer: try await entry(budget: nil).body)
    }

    /// Returns the time when the stamp was last replaced, for Last-Modified. If the store has none, it creates a stamp and returns
    /// the current time.
    ///
    /// - Throws: As ``current()``.
    public func lastTouched() async throws -> Timestamp {
        try await entry(budget: nil).storedAt
    }

    /// Returns the current stamp for a request. The operation counts toward the request's time limit for stores.
    ///
    /// The result is memoized for the exchange until a handler of an unsafe method has run: a touch before that is not seen.
    ///
    /// - Throws: As ``current()``, ``StoreFailure/noTime`` if the request has no time left, and `CancellationError` if the request
    ///   is cancelled while another part of it reads the stamp.
    public func current(for exchange: Exchange) async throws -> String {
        String(buffer: try await reading(for: exchange).text)
    }

    /// Returns the time when the stamp that ``current(for:)`` returns was created.
    ///
    /// - Throws: As ``current(for:)``.
    public func lastTouched(for exchange: Exchange) async throws -> Timestamp {
        try await reading(for: exchange).storedAt
    }

    /// Returns the stamp as ``current(for:)`` does, and its time.
    ///
    /// - Throws: As ``current(for:)``.
    package func reading(for exchange: Exchange) async throws -> StampReading {
        if let reading = immediateReading(for: exchange) { return reading }
        let budget = exchange.storeBudget
        do {
            let reading = try await exchange.memo.value(of: self, for: exchange) {
                StampReading(try await entry(budget: budget), of: self)
            }
            if let recorder = HitRecorder.current { reading.record(in: recorder) }
            return reading
        } catch {
            // The caller may do without the stamp, and its response then depends on something that is not compared.
            HitRecorder.current?.refuse(.stamp)
            throw error
        }
    }

    /// Returns the stamp for a request if no waiting is needed for it: the request has read it before, or it is in memory.
    package func immediateReading(for exchange: Exchange) -> StampReading? {
        var reading = exchange.memoizedValue(of: ObjectIdentifier(self), as: StampReading.self)
        if reading == nil, let front = guarded.front {
            reading = exchange.memo.immediateValue(of: self, for: exchange) {
                isOutdated ? nil : front.entry(for: key).map { StampReading($0, of: self) }
            }
        }
        if let reading, let recorder = HitRecorder.current { reading.record(in: recorder) }
        return reading
    }

    /// Whether the store has the stamp in the memory of the process.
    var isInMemory: Bool { guarded.front != nil }

    /// Whether the last touch failed, so that the stamp has to be replaced before it is read.
    private var isOutdated: Bool { done.load(ordering: .acquiring) < failed.load(ordering: .acquiring) }

    /// Returns whether a read returns, without asking a store outside of the process, the entry with this life.
    func isCurrent(_ life: EntryLife) -> Bool {
        guard !life.isOver, !isOutdated else { return false }
        return guarded.front?.entry(for: key)?.variants.life === life
    }

    /// Replaces the stamp, and thereby every key that contains it.
    ///
    /// The store is asked even if its circuit breaker is open.
    ///
    /// - Returns: The new stamp.
    /// - Throws: As ``current()``. Other processes may then still read the old stamp.
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
        if isOutdated { return try await replace(isForced: false, budget: budget) }
        if let found = guarded.front?.entry(for: key) { return found }
        let key = key
        let found = try await guarded(budget: budget) { store -> CacheEntry? in
            do {
                return try await store.entry(for: key)
            } catch is EntryDecodingError {
                // Treated as missing: the new stamp replaces the bytes.
                return nil
            }
        }
        if let found { return found }
        return try await replace(isForced: false, budget: budget)
    }

    private func replace(isForced: Bool, budget: StoreBudget?) async throws -> CacheEntry {
        let number = asked.load(ordering: .acquiring)
        let now = timeSource.now
        // The time is for humans who read a key. The random number makes stamps unique.
        let stamp = "\(now.nanoseconds / 1000)-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let entry = CacheEntry(status: .ok, body: ByteBuffer(string: stamp), storedAt: now)
        let key = key
        _ = try await guarded(isForced: isForced, budget: budget) {
            try await $0.store(entry, for: key, unlessPurgedSince: nil)
        }
        // Touches requested since then do not count: their writes may be newer than this stamp.
        done.max(number, ordering: .acquiringAndReleasing)
        return entry
    }
}
