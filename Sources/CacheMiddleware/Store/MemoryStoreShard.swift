import HTTPPipeline
import KeyConstructor
import NIOCore
import Synchronization

/// One part of a ``MemoryStore``: what decides which entries stay, behind a lock that look-ups do not take.
///
/// The order of locks is: the shard's, then one of a stripe or of the log of purges.
final class MemoryStoreShard: Sendable {
    /// How bodies that outlive the shard ask it for room.
    let room = ShardRoom()
    private let limits: ShardLimits
    private let stripes: MemoryStoreStripes
    private let ownStripes: StrideTo<Int>
    private let state: Mutex<ShardState>

    /// Creates a shard.
    ///
    /// - Parameters:
    ///   - limits: How much it holds.
    ///   - hasher: Hashes keys and labels for the whole store.
    ///   - stripes: The stripes of the whole store.
    ///   - ownStripes: The places of those of them whose keys belong to this shard.
    init(limits: ShardLimits, hasher: KeyHasher, stripes: MemoryStoreStripes, ownStripes: StrideTo<Int>) {
        self.limits = limits
        self.stripes = stripes
        self.ownStripes = ownStripes
        self.state = Mutex(ShardState(limits: limits, hasher: hasher, stripes: stripes))
        room.open(self)
    }

    deinit {
        room.close()
        life.end()
    }

    /// The life of all entries that are stored from now until the next removal of everything.
    var life: EntryLife { state.withLock { $0.life } }

    /// What was done and is held. Look-ups are counted by the stripes.
    var statistics: MemoryStoreStatistics {
        var statistics = contents
        for index in ownStripes {
            let lookUps = stripes.stripe(at: index).pointee.lookUps
            statistics.hits += lookUps.hits
            statistics.misses += lookUps.misses
        }
        return statistics
    }

    /// What was done and is held, without look-ups: no lock of theirs is taken.
    var contents: MemoryStoreStatistics { state.withLock { $0.statistics } }

    /// How many pairs of an entry and a label the index holds, and how many labels.
    var indexCounts: (links: Int, labels: Int) {
        state.withLock { ($0.labels.linkCount, $0.labels.labelCount) }
    }

    /// Keeps an entry, up to its own end or `end`.
    func store(
        _ entry: CacheEntry, for key: CacheKey, at moment: Timestamp, notAfter end: Int64,
        unlessPurgedSince mark: PurgeMark?, log: PurgeLog
    ) -> Bool {
        let byteCount = EntryFootprint.byteCount(of: entry)
        let stored = StoredEntry(entry, key: key, notAfter: end)
        return state.withLock { state in
            // Under the lock, see PurgeLog.
            guard !log.hasPurged(entry, under: key, since: mark) else {
                state.statistics.refusals += 1
                return false
            }
            defer { state.tidy() }
            // More than one comes in with each entry, so that what has expired gets ever less.
            state.removeExpired(at: moment, atMost: 4)
            let position = state.position(of: key)
            guard limits.admits(byteCount: byteCount) else {
                if let position { state.remove(at: position) }
                state.statistics.rejections += 1
                return false
            }
            guard let position else {
                state.insert(stored, byteCount: byteCount)
                return true
            }
            state.replace(at: position, by: stored, byteCount: byteCount)
            while state.weight > limits.limit { state.evict() }
            return state.position(of: key) != nil
        }
    }

    /// Forgets an entry that a look-up found expired, unless another has its place already.
    func removeExpired(_ key: CacheKey, at moment: Timestamp) {
        state.withLock { state in
            guard let position = state.position(of: key),
                let expiry = state.nodes[Int(position)].stored?.expiry, expiry <= moment.nanoseconds
            else { return }
            state.remove(at: position)
            state.statistics.expirations += 1
            state.tidy()
        }
    }

    /// Makes room for an encoding of an entry's body.
    ///
    /// - Returns: False when the entry is gone, or too large with the encoding.
    func reserve(_ capacity: Int, for variants: BodyVariants, of key: CacheKey) -> Bool {
        state.withLock { state in
            guard let position = state.position(of: key), let stored = state.nodes[Int(position)].stored,
                stored.entry.variants === variants
            else { return false }
            let byteCount = state.nodes[Int(position)].byteCount + EntryFootprint.variant(capacity)
            guard limits.admits(byteCount: byteCount) else { return false }
            // The entry is in use: the eviction may pass it once.
            stored.noteLookUp()
            state.changeByteCount(at: position, to: byteCount)
            while state.weight > limits.limit { state.evict() }
            state.tidy()
            return true
        }
    }

    /// Makes a step of a purge, under the lock.
    ///
    /// - Parameters:
    ///   - sweep: Where the purge is in this shard.
    ///   - budget: How much the step may do.
    func purge(_ sweep: inout PurgeSweep, budget: inout PurgeBudget) {
        // The last references to what is removed with everything else.
        let removed: [EntryNode] = state.withLock { state in
            if case .everything = sweep.selection, sweep.mode == .hard {
                sweep.count = state.statistics.entryCount
                sweep.place = .end
                state.statistics.purged += sweep.count
                return state.removeAll(in: ownStripes)
            }
            let before = budget.purgedCount
            state.advance(&sweep, budget: &budget)
            state.largestPurgeStep = max(state.largestPurgeStep, budget.purgedCount - before)
            return []
        }
        // To give the memory of many entries back takes longer than to remove them.
        if removed.count > 1024 { Task.detached { withExtendedLifetime(removed) {} } }
    }

    /// The largest number of entries that a purge removed or made stale in one step.
    var largestPurgeStep: Int { state.withLock { $0.largestPurgeStep } }

    /// How many purges are between two steps.
    var sweepCount: Int { state.withLock { $0.sweepCount } }
}
