import HTTPPipeline
import KeyConstructor

/// Uses a store on behalf of a cache, and turns what fails into a miss and a line in the log.
struct StoreAccess: Sendable {
    let store: any CacheStore

    /// The store when it answers at once; nothing then stands between it and the cache.
    let memory: MemoryStore?
    /// What is asked first, without waiting: the store itself, or its tier in memory.
    let front: MemoryStore?
    /// The store when it has such a tier. Looked up once: it costs most when a store is none.
    private let tiered: (any TieredCacheStore)?
    private let storeGuard: StoreGuard?
    private let observer: CacheObserver
    private let background: BackgroundWork
    /// The request that waits, whose operations share the time; nil where each has all of it.
    private var request: RequestMemo?

    init(_ store: any CacheStore, settings: CacheSettings, runtime: CacheRuntime, observer: CacheObserver) {
        self.store = store
        self.observer = observer
        background = runtime.background
        memory = store as? MemoryStore
        tiered = store as? any TieredCacheStore
        front = memory ?? tiered?.memoryTier
        storeGuard =
            store.isInProcess
            ? nil
            : StoreGuard(of: store, settings.breaker, limit: settings.storeTimeout, clock: runtime.clock) {
                observer.breakerOpened(for: settings.breaker.pause)
            }
    }

    /// The same store for one request, which waits no longer for all operations together than for one.
    func forRequest(_ exchange: Exchange) -> StoreAccess {
        guard storeGuard != nil else { return self }
        var copy = self
        copy.request = exchange.memo
        return copy
    }

    /// The same store with as much time as for a new request.
    func withNewTime() -> StoreAccess {
        guard storeGuard != nil else { return self }
        var copy = self
        copy.request = RequestMemo()
        return copy
    }

    /// Looks a key up. There is no entry either when what is there cannot be read, or the store fails.
    func lookUp(_ key: CacheKey) async -> StoreLookup {
        if let found = front?.entry(for: key) { return StoreLookup(entry: found) }
        return memory == nil ? await lookUpBehindFront(key) : StoreLookup(entry: nil)
    }

    /// Looks a key up that is not in front, where that is not all there is.
    func lookUpBehindFront(_ key: CacheKey) async -> StoreLookup {
        let (observer, tiered) = (observer, tiered)
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
        return found ?? StoreLookup(entry: nil)
    }

    /// The present place in the order of purges, or nil when the store fails. A look-up that has told one saves asking.
    func purgeMark(known mark: PurgeMark? = nil) async -> PurgeMark? {
        if let mark { return mark }
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

    /// Purges, to the end also when the request has no time left for it, or the client has left: a purge that is given up would
    /// leave what a write has made wrong. A store that is left alone is asked all the same, in the background.
    func purge(_ selections: [PurgeSelection], mode: PurgeMode) async {
        // At once, also where the server has to be waited for or cannot be asked: what was written here is seen here.
        if memory == nil { for selection in selections { await front?.purge(selection, mode: mode) } }
        guard let storeGuard else {
            for selection in selections { await purge(selection, mode) }
            return
        }
        let task = Task {
            // Each has to be waited for, but none for another.
            await withDiscardingTaskGroup { group in
                for selection in selections { group.addTask { await purge(selection, mode) } }
            }
        }
        if let request { await storeGuard.wait(for: task, for: request) } else { await task.value }
    }

    private func purge(_ selection: PurgeSelection, _ mode: PurgeMode) async {
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
    }

    private func purge(_ selection: PurgeSelection, _ mode: PurgeMode, isForced: Bool) async throws {
        let store = store
        if let storeGuard {
            _ = try await storeGuard(isForced: isForced) { try await store.purge(selection, mode: mode) }
        } else {
            _ = try await store.purge(selection, mode: mode)
        }
        observer.purged(selection, mode: mode)
    }

    /// Takes the lock of a key, for all machines.
    ///
    /// - Returns: Whether it was free, or why nobody knows.
    func acquireLock(for key: CacheKey, owner: String, duration: Duration) async -> LockOutcome {
        guard let locks = store as? any LockingCacheStore else { return .unknown(isAsked: false) }
        do {
            let isTaken = try await guarded { _ in
                try await locks.acquireLock(for: key, owner: owner, duration: duration)
            }
            return isTaken ? .locked : .refused
        } catch {
            observer.storeFailed(.lock, key: key, error)
            return .unknown(isAsked: (error as? StoreFailure)?.isOmission != true)
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
        do {
            return try await guarded(body)
        } catch {
            observer.storeFailed(operation, key: key, error)
            return nil
        }
    }

    private func guarded<Value: Sendable>(
        _ body: @escaping @Sendable (any CacheStore) async throws -> Value
    ) async throws -> Value {
        guard let storeGuard else { return try await body(store) }
        return try await storeGuard(for: request) { [store] in try await body(store) }
    }
}
