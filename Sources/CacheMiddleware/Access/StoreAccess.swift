import KeyConstructor

/// Uses a store on behalf of a cache, and turns what fails into a miss and a line in the log.
struct StoreAccess: Sendable {
    let store: any CacheStore

    /// The store when it answers at once; nothing then stands between it and the cache.
    let memory: MemoryStore?
    private let storeGuard: StoreGuard?
    private let observer: CacheObserver

    init(_ store: any CacheStore, settings: CacheSettings, runtime: CacheRuntime, observer: CacheObserver) {
        self.store = store
        self.observer = observer
        memory = store as? MemoryStore
        storeGuard =
            store.isInProcess
            ? nil
            : StoreGuard(settings.breaker, limit: settings.storeTimeout, clock: runtime.clock) {
                observer.breakerOpened(for: settings.breaker.pause)
            }
    }

    /// The entry under a key, or nil when there is none or the store fails.
    func entry(for key: CacheKey) async -> CacheEntry? {
        if let memory { return memory.entry(for: key) }
        return await attempt(.read, key) { try await $0.entry(for: key) } ?? nil
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
        if let memory { observer.record(memory.statistics) }
        return isStored ?? false
    }

    /// Purges.
    ///
    /// - Returns: Whether the store did.
    func purge(_ selection: PurgeSelection, mode: PurgeMode) async -> Bool {
        let count = await completed(.purge, nil) { try await $0.purge(selection, mode: mode) }
        return count != nil
    }

    /// Takes the lock of a key, for all machines.
    ///
    /// - Returns: Whether it was free; nil when the store has no locks, or fails.
    func acquireLock(for key: CacheKey, owner: String, duration: Duration) async -> Bool? {
        guard store is any LockingCacheStore else { return nil }
        return await attempt(.lock, key) { store in
            try await (store as? any LockingCacheStore)?.acquireLock(for: key, owner: owner, duration: duration) ?? true
        }
    }

    /// Gives the lock of a key back.
    func releaseLock(for key: CacheKey, owner: String) async {
        _ = await completed(.lock, key) { store in
            try await (store as? any LockingCacheStore)?.releaseLock(for: key, owner: owner)
        }
    }

    /// Attempts an operation to its end, also when the client has left meanwhile: a purge that is given up would leave what a
    /// write has made wrong.
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
            return try await storeGuard { try await body(store) }
        } catch {
            observer.storeFailed(operation, key: key, error)
            return nil
        }
    }
}
