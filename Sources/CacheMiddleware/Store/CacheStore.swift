public import KeyConstructor

/// Keeps stored answers under their keys.
///
/// A store may forget any entry at any time. It never returns an entry that has expired, nor one that was purged before the
/// look-up began. What a store throws is a miss to the cache and never an error to a client.
///
/// Make a store a class or an actor: all caches of a store share what the process knows of its purges, and find that by the identity of
/// the object. Caches do not recognize a struct in each other.
///
/// `PipelineTesting` has a suite of tests that every store has to pass.
public protocol CacheStore: Sendable {
    /// Whether every operation answers at once, from the memory of the process.
    ///
    /// A cache waits for any other store for a limited time only, and leaves it alone for a while when it fails repeatedly. The default
    /// is false.
    var isInProcess: Bool { get }

    /// How long any operation takes at most, if the store itself sees to that; a duration above 0, or nil, the default.
    ///
    /// A request then waits no longer than that for all that it asks of the store, nor than ``CacheSettings/storeTimeout``. Where that
    /// is not less, and little of the time is used up, the cache leaves it to the store to end an operation, locks and purges among them,
    /// which is cheaper than watching it: a store that does not keep the promise holds requests up. It is read once, when the cache or a
    /// ``VersionStamp`` is made.
    var operationTimeout: Duration? { get }

    /// Whether ``purge(_:mode:)`` calls ``recordPurge()``; false by default.
    ///
    /// While a store outside the process fails, a cache does not see the purges that the application makes by calling the store. Requests
    /// that miss then share a run of the handler only if the store records its purges.
    var recordsPurges: Bool { get }

    /// The entry under `key`, or nil when there is none that may still be used. It may be stale, see
    /// ``CacheEntry/isFresh(at:)``.
    ///
    /// - Throws: ``EntryDecodingError`` for bytes that are no entry under this key; anything else for a store that fails.
    func entry(for key: CacheKey) async throws -> CacheEntry?

    /// The entry under `key` as ``entry(for:)`` returns it, and the place in the order of purges if it is known at no further cost: a
    /// cache that has it does not ask for ``purgeMark()``. The default never knows it.
    ///
    /// - Throws: As ``entry(for:)``.
    func lookUp(_ key: CacheKey) async throws -> StoreLookup

    /// The present place in the order of purges. A cache that has not got it with a look-up takes it before it runs a handler, and has
    /// the answer stored only if no purge since then selects it.
    func purgeMark() async throws -> PurgeMark

    /// Keeps `entry` under `key`, in place of one that is there already, unless it was purged before it was there.
    ///
    /// - Parameters:
    ///   - entry: The answer.
    ///   - key: Its key.
    ///   - mark: Where the order of purges stood when the answer began to be made: a purge since then that selects the entry
    ///     keeps it out. A store that does not know all purges since then refuses the entry. nil keeps the entry in any case.
    /// - Returns: Whether the entry is kept; it may be too large. One that was there before is gone in any case, except when
    ///   a purge keeps the new one out.
    /// - Throws: What keeps the store from answering.
    @discardableResult
    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool

    /// Forgets the selected entries, or makes them stale, and keeps answers that are being made out.
    ///
    /// A look-up that begins when the call has returned finds no selected entry, or a stale one.
    ///
    /// - Returns: How many entries were found, when the store counts them.
    @discardableResult
    func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int?
}

extension CacheStore {
    /// False.
    public var isInProcess: Bool { false }

    /// nil.
    public var operationTimeout: Duration? { nil }

    /// False.
    public var recordsPurges: Bool { false }

    /// Records that a purge begins, so that the caches of this process notice it even while the store fails.
    ///
    /// A store with ``recordsPurges`` calls it at the beginning of ``purge(_:mode:)``. It must be a class or an actor.
    public func recordPurge() {
        PurgeLedger.of(self).add()
    }

    /// The entry alone.
    public func lookUp(_ key: CacheKey) async throws -> StoreLookup {
        StoreLookup(entry: try await entry(for: key))
    }
}
