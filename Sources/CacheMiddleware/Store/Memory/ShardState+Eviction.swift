/// S3-FIFO with a small queue of adaptive size.
///
/// S3-FIFO (Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023): a new entry enters a small queue. At the
/// end of the small queue, an entry that was looked up moves to the main queue; any other entry is evicted, and its key is
/// remembered for a while. A key that returns while it is remembered enters the main queue directly. At the end of the main queue,
/// an entry that was looked up is reinserted at the start. Look-ups only set marks, so they need no lock of the queues. A scan
/// passes through the small queue and does not affect the main one.
///
/// The size of the small queue is adapted as in ARC (Megiddo and Modha, FAST 2003), so the keys that the main queue evicted are
/// remembered as well. A key that returns after it left the small queue indicates that this queue is too small; one that returns
/// after it left the main queue indicates the opposite. The cache thereby follows changes in popularity.
///
/// One in 64 entries that would leave the small queue is promoted to the main queue anyway. It replaces main-queue entries that are
/// no longer requested if new keys return too rarely to be remembered, as in loops longer than the memory.
///
/// `Benchmarks/compare-eviction` compares it with other algorithms.
extension ShardState {
    /// The initial fraction of the limit for the small queue, and its range.
    static let initialSmallPart = 0.05
    private static let smallPart = 0.02...0.9
    /// The number of remembered keys that left the small queue, as a fraction of the number of entries.
    private static let demotedPart = 0.7
    /// The number of remembered keys that left the main queue, as a fraction of the number of entries.
    private static let retiredPart = 0.2
    /// One in this many unreferenced entries is promoted to the main queue anyway.
    private static let trickle = 64

    /// Makes room for a new entry and selects its queue.
    ///
    /// - Returns: Whether the entry enters the main queue.
    mutating func admit(_ hash: UInt64, weight: Int) -> Bool {
        var goesToMain = false
        if demoted.remove(hash) {
            let step = max(1, Double(retired.count) / Double(max(1, demoted.count)))
            adapt(by: step)
            goesToMain = true
        } else if retired.remove(hash) {
            let step = max(1, Double(demoted.count) / Double(max(1, retired.count)))
            adapt(by: -step)
        }
        while self.weight + weight > limits.limit, statistics.entryCount > 0 { evict(makingRoomFor: weight) }
        // Before the first eviction, entries that exceed the small queue enter the main queue, which has room.
        return goesToMain || demoted.count == 0 && Double(small.weight + weight) > smallTarget
    }

    /// Evicts one entry.
    mutating func evict(makingRoomFor weight: Int = 0) {
        let before = statistics.entryCount
        while statistics.entryCount == before, statistics.entryCount > 0 {
            if small.oldest != EntryNode.none,
                Double(small.weight + weight) > smallTarget || main.oldest == EntryNode.none
            {
                passSmall(small.oldest)
            } else {
                passMain(main.oldest)
            }
        }
    }

    func queue(of position: UInt32) -> EntryQueue { nodes[Int(position)].isInMain ? main : small }

    mutating func append(_ position: UInt32, toMain: Bool) {
        nodes[Int(position)].isInMain = toMain
        let weight = limits.weight(ofByteCount: nodes[Int(position)].byteCount)
        if toMain {
            main.append(position, in: &nodes)
            main.weight += weight
        } else {
            small.append(position, in: &nodes)
            small.weight += weight
        }
    }

    mutating func takeFromQueue(_ position: UInt32) {
        let weight = limits.weight(ofByteCount: nodes[Int(position)].byteCount)
        if nodes[Int(position)].isInMain {
            main.remove(position, in: &nodes)
            main.weight -= weight
        } else {
            small.remove(position, in: &nodes)
            small.weight -= weight
        }
    }

    /// Changes the size of the small queue by a number of entries of average weight.
    private mutating func adapt(by entries: Double) {
        let average = Double(weight) / Double(max(1, statistics.entryCount))
        let limit = Double(limits.limit)
        smallTarget = min(
            max(smallTarget + entries * average, Self.smallPart.lowerBound * limit), Self.smallPart.upperBound * limit)
    }

    private mutating func passSmall(_ position: UInt32) {
        guard let stored = nodes[Int(position)].stored else { return }
        if stored.isMarked {
            promote(position, stored)
            return
        }
        demotions += 1
        if demotions % Self.trickle == 0, main.oldest != EntryNode.none {
            let retiree = main.oldest
            if passMain(retiree) {
                promote(position, stored)
                return
            }
        }
        let hash = hasher.hash(stored.key)
        remove(at: position)
        statistics.evictions += 1
        demoted.append(hash, limit: Int(Self.demotedPart * Double(statistics.entryCount)))
    }

    private mutating func promote(_ position: UInt32, _ stored: StoredEntry) {
        stored.isMarked = false
        takeFromQueue(position)
        append(position, toMain: true)
    }

    /// Reinserts an entry of the main queue if it was looked up, and evicts it otherwise.
    ///
    /// - Returns: Whether the entry was evicted.
    @discardableResult
    private mutating func passMain(_ position: UInt32) -> Bool {
        guard let stored = nodes[Int(position)].stored else { return false }
        guard !stored.isMarked else {
            stored.isMarked = false
            takeFromQueue(position)
            append(position, toMain: true)
            return false
        }
        let hash = hasher.hash(stored.key)
        remove(at: position)
        statistics.evictions += 1
        retired.append(hash, limit: Int(Self.retiredPart * Double(statistics.entryCount)))
        return true
    }
}
