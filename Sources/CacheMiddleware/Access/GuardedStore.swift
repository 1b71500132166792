/// A store and what its users need to call it: its tier in memory, and its guard.
struct GuardedStore: Sendable {
    let store: any CacheStore

    /// The store if it is in memory; it is then called directly.
    let memory: MemoryStore?
    /// The store to ask first, without waiting: the store itself, or its tier in memory.
    let front: MemoryStore?
    /// The store if it has a tier in memory. The cast is made once because it is most expensive when it fails.
    let tiered: (any TieredCacheStore)?
    /// Limits the time of operations; nil for a store in this process.
    let storeGuard: StoreGuard?

    /// Creates the guard of a store, unless it is in this process.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - breaker: The settings of the circuit breaker.
    ///   - limit: The time limit of an operation, and of all operations for one request together.
    ///   - clock: Measures the limit and the pauses of the circuit breaker.
    ///   - onOpen: Called when the circuit breaker opens.
    init(
        _ store: any CacheStore,
        breaker: BreakerSettings,
        limit: Duration,
        clock: any Clock<Duration>,
        onOpen: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        memory = store as? MemoryStore
        tiered = store as? any TieredCacheStore
        front = memory ?? tiered?.memoryTier
        storeGuard =
            store.isInProcess ? nil : StoreGuard(of: store, breaker, limit: limit, clock: clock, onOpen: onOpen)
    }

    /// Runs an operation of the store. See ``StoreGuard``.
    func callAsFunction<Value: Sendable>(
        isForced: Bool = false, budget: StoreBudget? = nil,
        _ operation: @escaping @Sendable (any CacheStore) async throws -> Value
    ) async throws -> Value {
        guard let storeGuard else { return try await operation(store) }
        return try await storeGuard(isForced: isForced, budget: budget) { [store] in try await operation(store) }
    }
}
