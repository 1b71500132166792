public import KeyConstructor

/// A store of cached responses under their keys.
///
/// A store may evict any entry at any time. It never returns an entry that has expired, or one that was purged before the look-up
/// began. A store error is a miss to the cache and never an error to a client.
///
/// Make a store a class or an actor: all caches of a store share what the process knows about its purges, and identify the store by
/// object identity. Caches cannot recognize that two structs are the same store.
///
/// `PipelineTesting` provides a test suite that every store has to pass.
public protocol CacheStore: Sendable {
    /// Whether every operation completes without waiting, in the memory of the process; false by default.
    ///
    /// A cache uses any other store with a time limit and a circuit breaker.
    var isInProcess: Bool { get }

    /// The time limit of every operation, if the store itself enforces one: a duration above 0, or nil, the default.
    ///
    /// A request then waits no longer than the smaller of this time and ``CacheSettings/storeTimeout`` for all of its operations on
    /// the store together. If this time is not greater and little of it is used up, the cache relies on the store to end an
    /// operation, including locks and purges, which is cheaper than a timer: a store that does not enforce the limit delays
    /// requests. The property is read once, when the cache or a ``VersionStamp`` is created.
    var operationTimeout: Duration? { get }

    /// Whether ``CacheStore/purge(_:mode:)`` calls ``recordPurge()``; false by default.
    ///
    /// While a store outside the process fails, a cache does not see the purges that the application makes by calling the store.
    /// Concurrent misses then share a run of the handler only if the store records its purges.
    var recordsPurges: Bool { get }

    /// Returns the entry under `key`, or nil if there is none or it has expired. The entry may be stale, see
    /// ``CacheEntry/isFresh(at:)``.
    ///
    /// - Throws: ``EntryDecodingError`` for bytes that are not an entry under this key; any other error if the store fails.
    func entry(for key: CacheKey) async throws -> CacheEntry?

    /// Returns the entry under `key` as ``entry(for:)`` does, and the position in the order of purges if that costs nothing extra:
    /// the cache then does not call ``purgeMark()``. The default implementation never returns a position.
    ///
    /// - Throws: As ``entry(for:)``.
    func lookUp(_ key: CacheKey) async throws -> StoreLookup

    /// Returns the current position in the order of purges. A cache that did not get it with a look-up reads it before it runs a
    /// handler, and stores the response only if no purge since then selects it.
    func purgeMark() async throws -> PurgeMark

    /// Stores `entry` under `key`, replacing any other entry, unless a purge since `mark` selects it.
    ///
    /// - Parameters:
    ///   - entry: The response.
    ///   - key: Its key.
    ///   - mark: The position in the order of purges when the computation of the response began. The store rejects the entry if a
    ///     purge since then selects it, or if the store does not know all purges since then. nil stores the entry in any case.
    /// - Returns: Whether the entry was stored; it may be too large. The previous entry is removed in any case, unless a purge
    ///   keeps the new one out.
    /// - Throws: Any error of the store.
    @discardableResult
    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool

    /// Removes the selected entries, or makes them stale, and prevents storage of responses whose computation began earlier.
    ///
    /// A look-up that begins after the call has returned finds none of the selected entries, or finds them stale.
    ///
    /// - Returns: The number of selected entries, if the store counts them.
    @discardableResult
    func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int?
}

extension CacheStore {
    /// Whether every operation completes without waiting; false by default.
    public var isInProcess: Bool { false }

    /// The time limit that the store itself enforces; nil by default.
    public var operationTimeout: Duration? { nil }

    /// Whether ``CacheStore/purge(_:mode:)`` calls ``recordPurge()``; false by default.
    public var recordsPurges: Bool { false }

    /// Records the start of a purge, so that the caches of this process notice it even while the store fails.
    ///
    /// A store with ``recordsPurges`` calls it at the beginning of ``CacheStore/purge(_:mode:)``. It must be a class or an actor.
    public func recordPurge() {
        PurgeLedger.of(self).add()
    }

    /// Removes the selected entries, as ``CacheStore/purge(_:mode:)`` with ``PurgeMode/hard``.
    ///
    /// - Returns: The number of selected entries, if the store counts them.
    @discardableResult
    public func purge(_ selection: PurgeSelection) async throws -> Int? {
        try await purge(selection, mode: .hard)
    }

    /// Returns the entry without a position in the order of purges.
    public func lookUp(_ key: CacheKey) async throws -> StoreLookup {
        StoreLookup(entry: try await entry(for: key))
    }
}

/// The result of a look-up in a ``CacheStore``, and its position in the order of purges.
public struct StoreLookup: Sendable {
    /// The entry, as ``CacheStore/entry(for:)`` returns it.
    public var entry: CacheEntry?

    /// The position in the order of purges at the time of the look-up: it comes after every purge that had returned before the
    /// look-up began. nil if determining it would take another call to the store.
    public var mark: PurgeMark?

    /// Creates the result of a look-up.
    public init(entry: CacheEntry?, mark: PurgeMark? = nil) {
        self.entry = entry
        self.mark = mark
    }
}

/// A store with locks, with which one of several machines computes a response while the others wait for it.
///
/// A lock only saves work: if it ends too early, two machines compute the same response.
public protocol LockingCacheStore: CacheStore {
    /// Acquires the lock of a key unless another owner holds it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - owner: A text that is unique among the users of the store.
    ///   - duration: The time after which the lock ends by itself.
    /// - Returns: Whether the owner holds the lock now.
    /// - Throws: Any error of the store.
    func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool

    /// Releases the lock of a key if the owner still holds it.
    func releaseLock(for key: CacheKey, owner: String) async throws
}

/// A store with a tier in the memory of the process, which a cache reads without waiting.
///
/// The tier never contains an entry that must not be served: when it is out of date, it is empty. Fill it with
/// ``MemoryStore/keep(_:for:unlessPurgedSince:upTo:)`` in ``lookUpBehindMemory(_:)``, with a mark from before the look-up.
public protocol TieredCacheStore: CacheStore {
    /// The tier in memory. A cache only looks up entries in it.
    var memoryTier: MemoryStore { get }

    /// Looks up a key that the tier in memory does not contain.
    ///
    /// - Throws: Any error of the store, as ``CacheStore/entry(for:)``.
    func lookUpBehindMemory(_ key: CacheKey) async throws -> StoreLookup
}
