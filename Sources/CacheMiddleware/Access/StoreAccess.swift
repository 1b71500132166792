import ConcurrencySupport
import HTTPPipeline
import KeyConstructor

/// The access of a cache to its store. It turns failures into misses and log messages.
struct StoreAccess: Sendable {
    private let guarded: GuardedStore
    /// The purges of this process, shared by all caches of the store.
    private let ledger: PurgeLedger
    /// The identity of the store.
    let identity: ObjectIdentifier
    private let observer: CacheObserver
    private let clock: any Clock<Duration>
    private let timeSource: any TimeSource
    private let background: BackgroundWork
    /// The budget of the request; nil gives each operation the full time limit.
    private var budget: StoreBudget?

    init(_ store: any CacheStore, settings: CacheSettings, runtime: CacheRuntime, observer: CacheObserver) {
        guarded = GuardedStore(
            store, breaker: settings.breaker, limit: settings.storeTimeout, clock: runtime.clock
        ) {
            observer.breakerOpened(for: settings.breaker.pause)
        }
        self.observer = observer
        background = runtime.background
        clock = runtime.clock
        timeSource = runtime.timeSource
        ledger = .of(store)
        identity = type(of: store) is AnyClass ? ObjectIdentifier(store as AnyObject) : ObjectIdentifier(ledger)
    }

    var store: any CacheStore { guarded.store }
    /// The store if it is in memory; the cache then calls it directly.
    var memory: MemoryStore? { guarded.memory }
    /// The store to ask first, without waiting: the store itself, or its tier in memory.
    var front: MemoryStore? { guarded.front }
    private var storeGuard: StoreGuard? { guarded.storeGuard }

    /// Returns the access for one request, which waits no longer for all of its operations together than for one.
    func forRequest(_ exchange: Exchange) -> StoreAccess {
        guard storeGuard != nil else { return self }
        var copy = self
        copy.budget = exchange.storeBudget
        return copy
    }

    /// Returns the access with the full time limit of a new request.
    func withNewTime() -> StoreAccess {
        guard storeGuard != nil else { return self }
        var copy = self
        copy.budget = StoreBudget()
        return copy
    }

    /// The store to ask without waiting; nil while a purge is unconfirmed, because the tier in memory may still hold entries that
    /// it selects.
    var immediateFront: MemoryStore? { memory ?? (ledger.isSettled ? front : nil) }

    /// Looks up a key. The result has no entry if the stored bytes cannot be decoded, the entry was purged, or the store fails.
    func lookUp(_ key: CacheKey) async -> StoreLookup {
        let unconfirmed = ledger.unconfirmed
        if let found = front?.entry(for: key).flatMap({ unpurged($0, under: key, by: unconfirmed) }) {
            return StoreLookup(entry: found)
        }
        return memory == nil ? await lookUpBehindFront(key) : StoreLookup(entry: nil)
    }

    /// Looks up a key that is missing from the tier in memory, or may be out of date there.
    func lookUpBehindFront(_ key: CacheKey) async -> StoreLookup {
        if let memory { return StoreLookup(entry: memory.entry(for: key)) }
        let (observer, tiered) = (observer, guarded.tiered)
        let unconfirmed = ledger.unconfirmed
        let found = await attempt(.read, key) { store in
            do {
                if let tiered { return try await tiered.lookUpBehindMemory(key) }
                return try await store.lookUp(key)
            } catch let error as EntryDecodingError {
                // The store works.
                observer.rejected(key, error)
                return StoreLookup(entry: nil)
            }
        }
        guard var found else { return StoreLookup(entry: nil) }
        found.entry = found.entry.flatMap { unpurged($0, under: key, by: unconfirmed) }
        return found
    }

    /// Applies the purges that the store had not confirmed before it was asked. Returns nil after a hard purge, and a stale entry
    /// after a soft one.
    private func unpurged(
        _ entry: CacheEntry, under key: CacheKey, by unconfirmed: PurgeLedger.Unconfirmed
    ) -> CacheEntry? {
        switch unconfirmed.mode(for: entry, under: key) {
        case nil: return entry
        case .hard: return nil
        case .soft:
            var entry = entry
            entry.makeStale(at: timeSource.now)
            return entry
        }
    }

    /// Returns the current position in the order of purges.
    ///
    /// - Parameters:
    ///   - mark: The store's mark, if a look-up of this request has returned it.
    ///   - earlier: The mark to use if the store fails.
    /// - Returns: The store's mark and the number of purges that have begun.
    func snapshot(known mark: PurgeMark? = nil, fallback earlier: PurgeMark? = nil) async -> PurgeSnapshot {
        // Read before the store is asked: a purge that begins during the call counts as later.
        let count = ledger.count
        if let mark { return PurgeSnapshot(mark: mark, count: count) }
        if let memory { return PurgeSnapshot(mark: memory.purgeMark(), count: count) }
        let asked = await attempt(.mark, nil) { try await $0.purgeMark() }
        guard let known = asked ?? earlier else {
            // A purge that the application made by calling the store may have ended since an earlier snapshot without a mark.
            return store.recordsPurges ? PurgeSnapshot(mark: nil, count: count) : .unknown()
        }
        return PurgeSnapshot(mark: known, count: count)
    }

    /// Stores an entry.
    ///
    /// - Returns: Whether the entry was stored.
    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark) async -> Bool {
        // Taken before the store is asked: a purge that it confirms meanwhile may have come too late for this entry.
        let unconfirmed = ledger.unconfirmed
        let isStored = await observer.measure(.store) {
            await completed(.write, key) { try await $0.store(entry, for: key, unlessPurgedSince: mark) }
        }
        if let memory { observer.record(memory.contents) }
        // Requests that start after an unconfirmed purge must not receive an entry that it selects.
        return isStored ?? false && unconfirmed.mode(for: entry, under: key) == nil
            && ledger.unconfirmed.mode(for: entry, under: key) == nil
    }

    /// Purges the selected entries. The purge runs to completion even if the request has no time left for it or the client has
    /// disconnected.
    ///
    /// If the circuit breaker of the store is open, the purge still runs, in the background. Until the store has confirmed the
    /// purge, this process serves no entry that it selects.
    func purge(_ selections: [PurgeSelection], mode: PurgeMode) async {
        let purges = selections.map { Purge(selection: $0.normalized, mode: mode) }
        for purge in purges { ledger.begin(purge) }
        // Purged immediately, even if the server is slow or cannot be asked: this process must see its own writes.
        if memory == nil { for purge in purges { await front?.purge(purge.selection, mode: mode) } }
        guard let storeGuard else {
            for purge in purges { await make(purge) }
            return
        }
        let task = Task {
            // All purges have to be awaited, but they do not wait for each other.
            await withDiscardingTaskGroup { group in
                for purge in purges { group.addTask { await make(purge) } }
            }
        }
        if let budget { await storeGuard.wait(for: task, budget: budget) } else { await task.value }
    }

    private func make(_ purge: Purge) async {
        do {
            try await make(purge, isForced: false)
            ledger.confirm(purge)
        } catch let failure as StoreFailure where failure == .skipped {
            let force: @Sendable () async -> Void = {
                do {
                    try await make(purge, isForced: true)
                    ledger.confirm(purge)
                } catch {
                    failed(purge, error)
                }
            }
            if !background.run(force) { await force() }
        } catch {
            failed(purge, error)
        }
    }

    private func make(_ purge: Purge, isForced: Bool) async throws {
        _ = try await guarded(isForced: isForced) { try await $0.purge(purge.selection, mode: purge.mode) }
        observer.purged(purge.selection, mode: purge.mode)
    }

    private func failed(_ purge: Purge, _ error: any Error) {
        observer.purgeFailed(purge.selection, mode: purge.mode, error)
        // Such a store applies the purge before it returns entries again, but not if it has not finished with the purge yet.
        guard !(store is any PurgeRetryingStore) || error is StoreFailure else { return ledger.confirm(purge) }
        ledger.fail(purge)
        guard ledger.continuesRetrying(false) else { return }
        Task { await retry() }
    }

    /// Retries failed purges until none is left.
    ///
    /// No request waits for a retry, so it may take longer than a request would wait. It neither consults the circuit breaker nor
    /// reports to it: a purge that always fails must not prevent operations on other entries.
    private func retry() async {
        await ConcurrencySupport.retry(
            pausingUpTo: .seconds(5), on: clock, while: { ledger.continuesRetrying(true) }
        ) {
            var round = RetryRound.succeeded
            for (purge, number) in ledger.owed {
                let store = store
                do {
                    let limit = Self.retryLimit
                    try await withTimeout(limit, clock: clock, throwing: StoreFailure.timedOut(limit)) {
                        _ = try await store.purge(purge.selection, mode: purge.mode)
                    }
                    ledger.settle(purge, number: number)
                    observer.purged(purge.selection, mode: purge.mode)
                } catch {
                    round = .failed
                }
            }
            return round
        }
    }

    /// The time limit of a retry.
    private static let retryLimit: Duration = .seconds(30)

    /// Acquires the lock of a key across machines.
    ///
    /// - Returns: Whether the lock was acquired or refused; ``LockOutcome/unknown(isAsked:)`` if the store has no locks or failed.
    func acquireLock(for key: CacheKey, owner: String, duration: Duration) async -> LockOutcome {
        guard let locks = store as? any LockingCacheStore else { return .unknown(isAsked: false) }
        do {
            let isTaken = try await guarded(budget: budget) { _ in
                try await locks.acquireLock(for: key, owner: owner, duration: duration)
            }
            return isTaken ? .locked : .refused
        } catch {
            observer.storeFailed(.lock, key: key, error)
            return .unknown(isAsked: (error as? StoreFailure)?.isOmission != true)
        }
    }

    /// Releases the lock of a key.
    func releaseLock(for key: CacheKey, owner: String) async {
        guard let locks = store as? any LockingCacheStore else { return }
        _ = await completed(.lock, key) { _ in try await locks.releaseLock(for: key, owner: owner) }
    }

    /// Runs an operation to completion even if the client has disconnected.
    private func completed<Value: Sendable>(
        _ operation: StoreOperation,
        _ key: CacheKey?,
        _ body: @escaping @Sendable (any CacheStore) async throws -> Value
    ) async -> Value? {
        guard storeGuard != nil else { return await attempt(operation, key, body) }
        return await Task { await attempt(operation, key, body) }.value
    }

    private func attempt<Value: Sendable>(
        _ operation: StoreOperation,
        _ key: CacheKey?,
        _ body: @escaping @Sendable (any CacheStore) async throws -> Value
    ) async -> Value? {
        do {
            return try await guarded(budget: budget, body)
        } catch {
            observer.storeFailed(operation, key: key, error)
            return nil
        }
    }
}
