import HTTPPipeline
import KeyConstructor

/// A purge of a ``MemoryStore``, shard by shard and in steps.
struct MemoryStorePurge: Sendable {
    private var shards: ArraySlice<MemoryStoreShard>
    private let first: PurgeSweep
    private var sweep: PurgeSweep
    /// How many entries were found until now.
    private(set) var count = 0

    /// Creates a purge that was recorded in the log.
    ///
    /// - Parameters:
    ///   - sweep: The sweep of each shard, at its start.
    ///   - shards: The shards that may have what is selected.
    init(_ sweep: PurgeSweep, of shards: ArraySlice<MemoryStoreShard>) {
        self.shards = shards
        self.first = sweep
        self.sweep = sweep
    }

    /// Makes a step.
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

    /// Whether a shard takes a step whatever it holds.
    private var isOfEverything: Bool { first.selection == .everything && first.mode == .hard }
}
