import HTTPPipeline
import KeyConstructor

/// A purge of a ``MemoryStore`` that runs in steps, shard by shard.
struct MemoryStorePurge: Sendable {
    private var shards: ArraySlice<MemoryStoreShard>
    private let first: PurgeSweep
    private var sweep: PurgeSweep
    /// The number of selected entries so far.
    private(set) var count = 0

    /// Creates a purge that was recorded in the log.
    ///
    /// - Parameters:
    ///   - sweep: The sweep of each shard, at its start.
    ///   - shards: The shards that may contain selected entries.
    init(_ sweep: PurgeSweep, of shards: ArraySlice<MemoryStoreShard>) {
        self.shards = shards
        self.first = sweep
        self.sweep = sweep
    }

    /// Performs a step.
    ///
    /// - Returns: Whether it was the last one.
    mutating func advance() -> Bool {
        var budget = PurgeBudget()
        while let shard = shards.first {
            if budget.isUsedUp { return false }
            shard.purge(&sweep, budget: &budget)
            guard case .end = sweep.place else { return false }
            if isOfEverything { budget.useUp() }
            count += sweep.count
            sweep = first
            shards.removeFirst()
        }
        return true
    }

    /// Whether each shard takes a full step regardless of its contents.
    private var isOfEverything: Bool { first.selection == .everything && first.mode == .hard }
}
