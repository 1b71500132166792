/// S3-FIFO with a small queue of adaptive size.
///
/// S3-FIFO (Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023): a new entry enters a small queue. At its
/// end an entry that was looked up meanwhile moves to the main queue; another leaves the cache, and its key is remembered for
/// a while. A key that comes back while it is remembered enters the main queue at once. At the end of the main queue an entry
/// that was looked up goes round again. Look-ups only leave marks, so they need no lock of the queues; a scan passes through the
/// small queue and leaves the main one alone.
///
/// The size of the small queue is adapted as ARC does it (Megiddo and Modha, FAST 2003): the keys that the main queue retired are
/// remembered as well. A key that comes back after it left the small queue says that this is too small, one that comes back after
/// it left the main queue says the opposite. With that it follows a popularity that shifts.
///
/// One of 64 entries that would leave the small queue is moved to the main queue all the same, so that a main queue of entries
/// that nobody wants any more is replaced when the new ones come too rarely to be remembered, as in loops longer than the memory.
///
/// `Benchmarks/compare-eviction` measures it against others.
extension ShardState {
    /// The parts of the limit that the small queue takes at first, at least and at most.
    static let initialSmallPart = 0.05
    private static let smallPart = 0.02...0.9
    /// How many keys that left the small queue are remembered, as a part of the number of entries.
    private static let demotedPart = 0.7
    /// How many keys that left the main queue are remembered.
    private static let retiredPart = 0.2
    /// Every how manieth entry that nobody looked up moves to the main queue.
    private static let trickle = 64

    /// Makes room for a new entry.
    ///
    /// - Returns: Whether it enters the main queue.
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
        // As long as nothing had to leave, the main queue has room for what is too much for the small one.
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

    /// Moves the size of the small queue by a number of entries of average weight.
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

    /// Has an entry go round once more for a look-up, or leave.
    ///
    /// - Returns: Whether it left.
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
