public import CacheMiddleware
public import KeyConstructor

/// A store whose operations do not end before they are cancelled, to test what a cache makes of that.
public struct HangingStore: CacheStore {
    private let gate = Gate()

    /// Creates the store.
    public init() {}

    /// Hangs.
    public func entry(for key: CacheKey) async throws -> CacheEntry? {
        try await gate.pass()
        return nil
    }

    /// Hangs.
    public func purgeMark() async throws -> PurgeMark {
        try await gate.pass()
        return PurgeMark(rawValue: 0)
    }

    /// Hangs.
    public func store(
        _ entry: CacheEntry,
        for key: CacheKey,
        unlessPurgedSince mark: PurgeMark?
    ) async throws -> Bool {
        try await gate.pass()
        return false
    }

    /// Hangs.
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
        try await gate.pass()
        return nil
    }

    /// The number of operations that hang or have hung.
    public var operationCount: Int { gate.arrivalCount }

    /// Waits until a number of operations hang or have hung.
    public func waitForOperations(_ count: Int) async {
        await gate.waitForArrivals(count)
    }
}
