import KeyConstructor
import Synchronization

/// The detection of a cache that runs inside the handler of another cache with the same key and store.
///
/// The outer cache looks up, coalesces and stores; the inner one forwards the request. Otherwise the inner one would wait for the
/// flight that its caller leads.
enum CacheNesting {
    /// A handler run of a cache with a store and a key.
    final class Run: Sendable {
        let store: ObjectIdentifier
        let key: CacheKey
        private let hasEnded = Atomic(false)

        init(store: ObjectIdentifier, key: CacheKey) {
            self.store = store
            self.key = key
            CacheNesting.count.add(1, ordering: .relaxed)
        }

        // A task that the handler starts inherits the task-local value, but not the run.
        var isUnderWay: Bool { !hasEnded.load(ordering: .acquiring) }

        func end() {
            guard !hasEnded.exchange(true, ordering: .releasing) else { return }
            CacheNesting.count.subtract(1, ordering: .relaxed)
        }
    }

    @TaskLocal private static var runs: [Run] = []

    /// The number of runs in the process: without any a hit does not read the task-local value.
    private static let count = Atomic(0)

    /// Returns whether the current task runs inside the handler of a cache with this store and key.
    static func isInside(_ store: ObjectIdentifier, _ key: CacheKey) -> Bool {
        guard count.load(ordering: .relaxed) > 0 else { return false }
        return runs.contains { $0.key == key && $0.store == store && $0.isUnderWay }
    }

    /// Runs a handler for a cache with this store and key.
    static func running<Value>(
        _ store: ObjectIdentifier, _ key: CacheKey, _ handler: () async throws -> Value
    ) async rethrows -> Value {
        let run = Run(store: store, key: key)
        defer { run.end() }
        return try await $runs.withValue(runs.filter(\.isUnderWay) + [run], operation: handler)
    }
}
