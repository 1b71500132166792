import HTTPPipeline
import KeyConstructor

/// The state of a shard, under its lock: the nodes of entries, the queues of eviction, the index of labels and the heap of
/// expiries. The table that look-ups use is in the stripes, see ``MemoryStoreStripe``.
struct ShardState {
    let limits: ShardLimits
    let hasher: KeyHasher
    /// The stripes of the whole store. A shard changes only its own.
    let stripes: MemoryStoreStripes

    /// The nodes of entries, and free nodes.
    var nodes: [EntryNode] = []
    private var free: [UInt32] = []

    /// See ``ShardState/evict(makingRoomFor:)``.
    var small = EntryQueue()
    var main = EntryQueue()
    var demoted = GhostQueue()
    var retired = GhostQueue()
    var smallTarget: Double
    var demotions = 0

    var labels = LabelIndex()
    private(set) var heap = ExpiryHeap()
    var statistics = MemoryStoreStatistics()

    /// The number of purges that are between two steps. Positions do not change while it is above 0.
    var sweepCount = 0
    /// The number of the latest sweep that follows a label.
    var sweepNumber: UInt64 = 0
    var largestPurgeStep = 0

    /// The common life of all entries. A removal of all entries ends it at once.
    let life = EntryLife()

    init(limits: ShardLimits, hasher: KeyHasher, stripes: MemoryStoreStripes) {
        self.limits = limits
        self.hasher = hasher
        self.stripes = stripes
        self.smallTarget = Self.initialSmallPart * Double(limits.limit)
    }

    /// The weight of all entries, in the unit of the limit.
    var weight: Int { small.weight + main.weight }

    func position(of key: CacheKey) -> UInt32? {
        let hash = hasher.hash(key)
        return stripes.stripe(of: hash).pointee.position(of: key, hash: hash)
    }

    // MARK: Entries

    /// Inserts an entry under a key without one.
    mutating func insert(_ stored: StoredEntry, byteCount: Int) {
        let hash = hasher.hash(stored.key)
        let goesToMain = admit(hash, weight: limits.weight(ofByteCount: byteCount))
        let position: UInt32
        if let reused = free.popLast() {
            position = reused
        } else {
            position = UInt32(nodes.count)
            nodes.append(EntryNode())
        }
        nodes[Int(position)] = EntryNode(stored: stored, byteCount: byteCount)
        append(position, toMain: goesToMain)
        statistics.entryCount += 1
        statistics.byteCount += byteCount
        link(position)
        stripes.stripe(of: hash).pointee.update(stored, hash: hash, position: position)
    }

    /// Replaces an entry. The new entry takes over the mark and the position in the queue.
    mutating func replace(at position: UInt32, by stored: StoredEntry, byteCount: Int) {
        guard let old = nodes[Int(position)].stored else { return }
        old.entry.variants.life?.end()
        stored.isMarked = old.isMarked
        unlink(position)
        changeByteCount(at: position, to: byteCount)
        nodes[Int(position)].stored = stored
        link(position)
        let hash = hasher.hash(stored.key)
        stripes.stripe(of: hash).pointee.update(stored, hash: hash, position: position)
    }

    /// Makes an entry stale.
    mutating func makeStale(at position: UInt32, from moment: Timestamp) {
        guard let old = nodes[Int(position)].stored else { return }
        old.entry.variants.life?.end()
        var entry = old.entry
        entry.makeStale(at: moment)
        let stored = StoredEntry(entry, key: old.key, notAfter: old.expiry, isMarked: old.isMarked)
        nodes[Int(position)].stored = stored
        let hash = hasher.hash(stored.key)
        stripes.stripe(of: hash).pointee.update(stored, hash: hash, position: position)
    }

    mutating func changeByteCount(at position: UInt32, to byteCount: Int) {
        let old = nodes[Int(position)].byteCount
        let change = limits.weight(ofByteCount: byteCount) - limits.weight(ofByteCount: old)
        if nodes[Int(position)].isInMain { main.weight += change } else { small.weight += change }
        statistics.byteCount += byteCount - old
        nodes[Int(position)].byteCount = byteCount
    }

    /// Removes an entry.
    mutating func remove(at position: UInt32) {
        guard let stored = nodes[Int(position)].stored else { return }
        stored.entry.variants.life?.end()
        unlink(position)
        takeFromQueue(position)
        statistics.entryCount -= 1
        statistics.byteCount -= nodes[Int(position)].byteCount
        nodes[Int(position)] = EntryNode()
        free.append(position)
        let hash = hasher.hash(stored.key)
        stripes.stripe(of: hash).pointee.remove(stored.key, hash: hash)
    }

    /// Releases memory if much more is allocated than used. It changes positions, so it must come last in an operation, and does
    /// nothing during sweeps.
    mutating func tidy() {
        guard sweepCount == 0 else { return }
        if nodes.count > 256, statistics.entryCount * 4 < nodes.count {
            rebuild()
        } else if labels.isSparse {
            rebuildLabels()
        }
    }

    /// Removes every entry. Sweeps in progress end at their next step.
    ///
    /// - Returns: The nodes, whose memory the caller releases.
    mutating func removeAll(in ownStripes: some Sequence<Int>) -> [EntryNode] {
        life.end()
        for index in ownStripes { stripes.stripe(at: index).pointee.removeAll() }
        let old = self
        self = ShardState(limits: limits, hasher: hasher, stripes: stripes)
        statistics = old.statistics
        statistics.entryCount = 0
        statistics.byteCount = 0
        (sweepCount, sweepNumber, largestPurgeStep) = (old.sweepCount, old.sweepNumber, old.largestPurgeStep)
        return old.nodes
    }

    /// Removes up to a number of expired entries. The bound avoids long pauses.
    mutating func removeExpired(at moment: Timestamp, atMost limit: Int) {
        for _ in 0..<limit {
            guard let position = heap.expired(at: moment.nanoseconds) else { return }
            remove(at: position)
            statistics.expirations += 1
        }
    }

    // MARK: Index and heap

    private mutating func link(_ position: UInt32) {
        guard let stored = nodes[Int(position)].stored else { return }
        var firstLink = LabelIndex.none
        for tag in stored.entry.tags { labels.insert(hasher.hash(tag: tag), of: position, firstLink: &firstLink) }
        if let path = stored.entry.path { labels.insert(hasher.hash(path: path), of: position, firstLink: &firstLink) }
        nodes[Int(position)].firstLink = firstLink
        if stored.expiry != .max { heap.insert(position, expiry: stored.expiry, in: &nodes) }
    }

    private mutating func unlink(_ position: UInt32) {
        labels.removeLinks(from: nodes[Int(position)].firstLink)
        nodes[Int(position)].firstLink = LabelIndex.none
        if nodes[Int(position)].heapIndex != ExpiryHeap.none { heap.remove(position, in: &nodes) }
    }

    // MARK: Memory

    /// Recreates the index with the memory that it needs. Most of its links were removed since the last time, so the amortized cost
    /// of a removal stays constant.
    private mutating func rebuildLabels() {
        var smaller = LabelIndex()
        for position in nodes.indices where nodes[position].firstLink != LabelIndex.none {
            let first = nodes[position].firstLink
            nodes[position].firstLink = smaller.takeLinks(from: labels, firstLink: first, of: UInt32(position))
        }
        labels = smaller
    }

    /// Compacts the nodes. Most of the entries were removed since the last time, so the amortized cost stays constant here as well.
    private mutating func rebuild() {
        var numbers = [UInt32](repeating: EntryNode.none, count: nodes.count)
        var kept: [EntryNode] = []
        kept.reserveCapacity(statistics.entryCount * 2)
        for position in nodes.indices where nodes[position].stored != nil {
            numbers[position] = UInt32(kept.count)
            kept.append(nodes[position])
        }
        for (position, node) in kept.enumerated() {
            if node.newer != EntryNode.none { kept[position].newer = numbers[Int(node.newer)] }
            if node.older != EntryNode.none { kept[position].older = numbers[Int(node.older)] }
            guard let stored = node.stored else { continue }
            let hash = hasher.hash(stored.key)
            stripes.stripe(of: hash).pointee.update(stored, hash: hash, position: UInt32(position))
        }
        nodes = kept
        free = []
        small.renumber { numbers[Int($0)] }
        main.renumber { numbers[Int($0)] }
        heap.renumber { numbers[Int($0)] }
        rebuildLabels()
    }
}
