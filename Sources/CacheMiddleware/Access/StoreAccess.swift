import KeyConstructor

/// Uses a store on behalf of a cache, and turns what fails into a miss and a line in the log.
struct StoreAccess: Sendable {
    let store: any CacheStore

    /// The store when it answers at once; nothing then stands between it and the cache.
    let memory: MemoryStore?
    /// What is asked first, without waiting: the store itself, or its tier in memory.
    let front: MemoryStore?
    private let storeGuard: StoreGuard?
    private let observer: CacheObserver
    private let background: BackgroundWork
    private let limit: Duration
    private let clock: any Clock<Duration>
    /// What is left of the time for one request; nil where there is no limit for several operations.
    private var budget: StoreBudget?

    init(_ store: any CacheStore, settings: CacheSettings, runtime: CacheRuntime, observer: CacheObserver) {
        self.store = store
        self.observer = observer
        background = runtime.background
        limit = settings.storeTimeout
        clock = runtime.clock
        memory = store as? MemoryStore
        front = memory ?? (store as? any TieredCacheStore)?.memoryTier
        storeGuard =
            store.isInProcess
            ? nil
            : StoreGuard(settings.breaker, limit: settings.storeTimeout, clock: runtime.clock) {
                observer.breakerOpened(for: settings.breaker.pause)
            }
    }

    /// The same store for one request, whose operations take no longer together than one may.
    func forRequest() -> StoreAccess {
        guard storeGuard != nil else { return self }
        var copy = self
        copy.budget = StoreBudget(limit)
        return copy
    }

    /// The entry under a key, or nil when there is none, what is there cannot be read, or the store fails.
    func entry(for key: CacheKey) async -> CacheEntry? {
        if let found = front?.entry(for: key) { return found }
        return memory == nil ? await entryBehindFront(for: key) : nil
    }

    /// The entry under a key that is not in front, where that is not all there is.
    func entryBehindFront(for key: CacheKey) async -> CacheEntry? {
        let observer = observer
        let found = await attempt(.read, key) { store in
            do {
                if let store = store as? any TieredCacheStore { return try await store.entryBehindMemory(for: key) }
                return try await store.entry(for: key)
            } catch let error as EntryDecodingError {
                // The store works.
                observer.rejected(key, error)
                return nil
            }
        }
        return found ?? nil
    }

    /// The present place in the order of purges, or nil when the store fails.
    func purgeMark() async -> PurgeMark? {
        if let memory { return memory.purgeMark() }
        return await attempt(.mark, nil) { try await $0.purgeMark() }
    }

    /// Stores an entry.
    ///
    /// - Returns: Whether the store took it.
    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark) async -> Bool {
        let isStored = await observer.measure(.store) {
            await completed(.write, key) { try await $0.store(entry, for: key, unlessPurgedSince: mark) }
        }
        if let memory { observer.record(memory.contents) }
        return isStored ?? false
    }

    /// Purges, to the end also when the client has left meanwhile: a purge that is given up would leave what a write has made
    /// wrong. A store that is left alone is asked all the same, in the background.
    func purge(_ selection: PurgeSelection, mode: PurgeMode) async {
        // At once, also where the server has to be waited for or cannot be asked: what was written here is seen here.
        if memory == nil { front?.purge(selection, mode: mode) }
        guard storeGuard != nil else {
            do { try await purge(selection, mode, isForced: false) } catch {
                observer.purgeFailed(selection, mode: mode, error)
            }
            return
        }
        await Task {
            do {
                try await purge(selection, mode, isForced: false)
            } catch let failure as StoreFailure where failure == .skipped {
                let force: @Sendable () async -> Void = {
                    do { try await purge(selection, mode, isForced: true) } catch {
                        observer.purgeFailed(selection, mode: mode, error)
                    }
                }
                if !background.run(force) { await force() }
            } catch {
                observer.purgeFailed(selection, mode: mode, error)
            }
        }.value
    }

    private func purge(_ selection: PurgeSelection, _ mode: PurgeMode, isForced: Bool) async throws {
        let store = store
        if let storeGuard {
            _ = try await storeGuard(isForced: isForced, limit: limit) { try await store.purge(selection, mode: mode) }
        } else {
            _ = try await store.purge(selection, mode: mode)
        }
        observer.purged(selection, mode: mode)
    }

    /// Takes the lock of a key, for all machines.
    ///
    /// - Returns: Whether it was free; nil when the store has no locks, or fails.
    func acquireLock(for key: CacheKey, owner: String, duration: Duration) async -> Bool? {
        guard let locks = store as? any LockingCacheStore else { return nil }
        return await attempt(.lock, key) { _ in
            try await locks.acquireLock(for: key, owner: owner, duration: duration)
        }
    }

    /// Gives the lock of a key back.
    func releaseLock(for key: CacheKey, owner: String) async {
        guard let locks = store as? any LockingCacheStore else { return }
        _ = await completed(.lock, key) { _ in try await locks.releaseLock(for: key, owner: owner) }
    }

    /// Attempts an operation to its end, also when the client has left meanwhile.
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
        let store = store
        do {
            guard let storeGuard else { return try await body(store) }
            guard let budget else { return try await storeGuard { try await body(store) } }
            let elapsed = clock.stopwatch()
            defer { budget.spend(elapsed()) }
            return try await storeGuard(limit: budget.remaining) { try await body(store) }
        } catch {
            observer.storeFailed(operation, key: key, error)
            return nil
        }
    }
}
