import HTTPPipeline
import KeyConstructor

/// The progress of a purge through the entries of one shard. It runs in steps, between which the lock is free.
struct PurgeSweep {
    /// The position of the sweep.
    enum Place {
        case start
        /// At a link of the label: the position of the index's cursor with this number.
        case label(cursor: UInt64)
        /// Before the node `next`. Nodes from `end` on were added after the sweep began.
        case nodes(next: Int, end: Int)
        case end
    }

    let selection: PurgeSelection
    /// The hash of the selection's tag or path.
    let labelHash: UInt64
    let mode: PurgeMode
    /// The time from which the entries are stale, for a soft purge.
    let moment: Timestamp

    var place = Place.start
    /// The number of selected entries so far.
    var count = 0
}

/// The amount of work of a purge before it releases the lock: about a third of a millisecond.
struct PurgeBudget {
    /// The remaining budget, in visited entries.
    private(set) var rest = Self.entryCount
    /// The number of entries that were removed or made stale.
    private(set) var purgedCount = 0

    /// The maximum number of entries that one step visits.
    static let entryCount = 2048
    /// The maximum number of entries that one step removes or makes stale.
    static let purgedCount = 256

    var isUsedUp: Bool { rest <= 0 }

    mutating func spend(isPurged: Bool) {
        rest -= isPurged ? Self.entryCount / Self.purgedCount : 1
        if isPurged { purgedCount += 1 }
    }

    mutating func useUp() { rest = 0 }
}
