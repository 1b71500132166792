public import CacheMiddleware
public import KeyConstructor

/// A store whose operations all fail, for tests of a cache with such a store.
public struct FailingStore: CacheStore {
    /// The error that every operation throws.
    public struct Failure: Error, Hashable {
        /// Creates the error that every operation throws.
        public init() {}
    }

    /// Creates a store whose operations fail.
    public init() {}

    /// Whether the store records purges: true, because no purge succeeds and none has to be recorded.
    public var recordsPurges: Bool { true }

    /// Throws ``Failure``.
    public func entry(for key: CacheKey) async throws -> CacheEntry? { throw Failure() }
    /// Throws ``Failure``.
    public func purgeMark() async throws -> PurgeMark { throw Failure() }
    /// Throws ``Failure``.
    public func store(
        _ entry: CacheEntry,
        for key: CacheKey,
        unlessPurgedSince mark: PurgeMark?
    ) async throws -> Bool { throw Failure() }
    /// Throws ``Failure``.
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? { throw Failure() }
}
