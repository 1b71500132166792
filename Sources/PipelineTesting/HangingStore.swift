public import CacheMiddleware
public import KeyConstructor

/// A store whose operations do not return before they are cancelled, for tests of a cache with such a store.
public struct HangingStore: CacheStore {
    private let gate = Gate()

    /// Creates a store whose operations hang.
    public init() {}

    /// Suspends until the task is cancelled.
    public func entry(for key: CacheKey) async throws -> CacheEntry? {
        try await gate.pass()
        return nil
    }

    /// Suspends until the task is cancelled.
    public func purgeMark() async throws -> PurgeMark {
        try await gate.pass()
        return PurgeMark(rawValue: 0)
    }

    /// Suspends until the task is cancelled.
    public func store(
        _ entry: CacheEntry,
        for key: CacheKey,
        unlessPurgedSince mark: PurgeMark?
    ) async throws -> Bool {
        try await gate.pass()
        return false
    }

    /// Suspends until the task is cancelled.
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
        try await gate.pass()
        return nil
    }

    /// The number of operations that have been started.
    public var operationCount: Int { gate.arrivalCount }

    /// Waits until a number of operations have been started.
    public func waitForOperations(_ count: Int) async {
        await gate.waitForArrivals(count)
    }
}
