import HTTPPipeline
import KeyConstructor
import NIOCore
import Synchronization

/// A part of a ``MemoryStore``: the state of eviction and indexing, behind a lock that look-ups do not take.
///
/// Locks are taken in this order: first the shard's, then that of a stripe or of the log of purges.
final class MemoryStoreShard: Sendable {
    /// The reference through which bodies that outlive the shard ask it for room.
    let room = ShardRoom()
    private let limits: ShardLimits
    private let stripes: MemoryStoreStripes
    private let ownStripes: StrideTo<Int>
    private let state: Mutex<ShardState>

    /// Creates a shard.
    ///
    /// - Parameters:
    ///   - limits: The limits of the shard.
    ///   - hasher: Hashes keys and labels for the whole store.
    ///   - stripes: The stripes of the whole store.
    ///   - ownStripes: The indices of the stripes whose keys belong to this shard.
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

    /// The statistics of the shard. The stripes count look-ups.
    var statistics: MemoryStoreStatistics {
        var statistics = contents
        for index in ownStripes {
            let lookUps = stripes.stripe(at: index).pointee.lookUps
            statistics.hits += lookUps.hits
            statistics.misses += lookUps.misses
        }
        return statistics
    }

    /// The statistics without look-ups, which are read without locking the stripes.
    var contents: MemoryStoreStatistics { state.withLock { $0.statistics } }

    /// The number of pairs of an entry and a label in the index, and the number of labels.
    var indexCounts: (links: Int, labels: Int) {
        state.withLock { ($0.labels.linkCount, $0.labels.labelCount) }
    }

    /// Stores an entry until it expires, or until `end` if that is earlier.
    func store(
        _ entry: CacheEntry, for key: CacheKey, at moment: Timestamp, notAfter end: Int64,
        unlessPurgedSince mark: PurgeMark?, log: PurgeLog
    ) -> Bool {
        let byteCount = EntryFootprint.byteCount(of: entry)
        let stored = StoredEntry(entry, key: key, notAfter: end)
        return state.withLock { state in
            // Checked under the lock, see PurgeLog.
            guard !log.hasPurged(entry, under: key, since: mark) else {
                state.statistics.refusals += 1
                return false
            }
            defer { state.tidy() }
            // Up to four leave for each entry that is stored, so the number of expired entries decreases.
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

    /// Removes an entry that a look-up found expired, unless it was replaced in the meantime.
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

    /// Reserves room for a variant of an entry's body.
    ///
    /// - Returns: Whether the variant fits; false if the entry was removed or is too large with the variant.
    func reserve(_ capacity: Int, for variants: BodyVariants, of key: CacheKey) -> Bool {
        state.withLock { state in
            guard let position = state.position(of: key), let stored = state.nodes[Int(position)].stored,
                stored.entry.variants === variants
            else { return false }
            let byteCount = state.nodes[Int(position)].byteCount + EntryFootprint.variant(capacity)
            guard limits.admits(byteCount: byteCount) else { return false }
            // The entry is in use, so the next eviction may spare it once.
            stored.noteLookUp()
            state.changeByteCount(at: position, to: byteCount)
            while state.weight > limits.limit { state.evict() }
            state.tidy()
            return true
        }
    }

    /// Performs a step of a purge, under the lock.
    ///
    /// - Parameters:
    ///   - sweep: The progress of the purge in this shard.
    ///   - budget: The remaining budget of the step.
    func purge(_ sweep: inout PurgeSweep, budget: inout PurgeBudget) {
        // The last references to the removed entries, if everything was removed.
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
        // Releasing the memory of many entries takes longer than removing them.
        if removed.count > 1024 { Task.detached { withExtendedLifetime(removed) {} } }
    }

    /// The largest number of entries that a purge has removed or made stale in one step.
    var largestPurgeStep: Int { state.withLock { $0.largestPurgeStep } }

    /// The number of purges that are between two steps.
    var sweepCount: Int { state.withLock { $0.sweepCount } }
}
