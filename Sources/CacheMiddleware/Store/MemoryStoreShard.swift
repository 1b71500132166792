import HTTPPipeline
import KeyConstructor
import NIOCore
import Synchronization

/// One part of a ``MemoryStore``: a table and a queue behind one lock.
///
/// Eviction is SIEVE (Zhang et al., NSDI 2024). Entries stand in a queue in the order in which they came. A look-up only
/// marks its entry. To make room a hand walks from the oldest entry towards the newest, clears the marks it meets and
/// evicts the first entry without one.
final class MemoryStoreShard: Sendable {
    fileprivate struct Node {
        var key: CacheKey
        var entry: CacheEntry
        var cost: Int
        var isMarked = false
        var newer: Int?
        var older: Int?
    }

    fileprivate struct State {
        var positions: [CacheKey: Int] = [:]
        /// The nodes of the queue; nil is a free place.
        var nodes: [Node?] = []
        var free: [Int] = []
        var newest: Int?
        var oldest: Int?
        var hand: Int?
        var statistics = MemoryStoreStatistics()
    }

    /// What a node, its place in the table and the fields' storage take besides the content.
    private static let overhead = 512

    /// How bodies that outlive the shard ask it for room.
    let room = ShardRoom()
    private let byteLimit: Int
    private let state = Mutex(State())

    init(byteLimit: Int) {
        self.byteLimit = byteLimit
        room.open(self)
    }

    deinit {
        room.close()
    }

    var statistics: MemoryStoreStatistics {
        state.withLock { $0.statistics }
    }

    func entry(for key: CacheKey, at moment: Timestamp) -> CacheEntry? {
        state.withLock { state in
            guard let position = state.positions[key] else {
                state.statistics.misses += 1
                return nil
            }
            // The table has no free places. Looking at the node as an optional would copy all of it.
            let entry = state.nodes[position]!.entry
            guard !entry.hasExpired(at: moment) else {
                state.remove(at: position)
                state.statistics.misses += 1
                return nil
            }
            state.nodes[position]!.isMarked = true
            state.statistics.hits += 1
            return entry
        }
    }

    func store(_ entry: CacheEntry, for key: CacheKey) -> Bool {
        // A body's memory counts, which may be more than its bytes.
        let cost = entry.byteCount - entry.body.readableBytes + entry.body.storageCapacity + Self.overhead
        return state.withLock { state in
            if let position = state.positions[key] { state.remove(at: position) }
            guard cost <= byteLimit else {
                state.statistics.rejections += 1
                return false
            }
            while state.statistics.byteCount + cost > byteLimit { state.evict() }
            state.insert(Node(key: key, entry: entry, cost: cost))
            return true
        }
    }

    /// Makes room for an encoding of an entry's body.
    ///
    /// - Returns: False when the entry is gone, or too large with the encoding.
    func reserve(_ byteCount: Int, for variants: BodyVariants, of key: CacheKey) -> Bool {
        state.withLock { state in
            guard let position = state.positions[key], let node = state.nodes[position],
                node.entry.variants === variants, node.cost + byteCount <= byteLimit
            else { return false }
            state.nodes[position]?.cost += byteCount
            state.statistics.byteCount += byteCount
            // The entry is in use: the hand may pass it once.
            state.nodes[position]?.isMarked = true
            while state.statistics.byteCount > byteLimit { state.evict() }
            return true
        }
    }

    func removeEntry(for key: CacheKey) {
        state.withLock { state in
            if let position = state.positions[key] { state.remove(at: position) }
        }
    }

    func removeAll() {
        state.withLock { state in
            var statistics = state.statistics
            statistics.entryCount = 0
            statistics.byteCount = 0
            state = State()
            state.statistics = statistics
        }
    }
}

extension MemoryStoreShard.State {
    fileprivate mutating func insert(_ node: MemoryStoreShard.Node) {
        let position: Int
        if let reused = free.popLast() {
            position = reused
            nodes[position] = node
        } else {
            position = nodes.count
            nodes.append(node)
        }
        nodes[position]?.older = newest
        if let newest { nodes[newest]?.newer = position }
        newest = position
        if oldest == nil { oldest = position }
        positions[node.key] = position
        statistics.entryCount += 1
        statistics.byteCount += node.cost
    }

    fileprivate mutating func remove(at position: Int) {
        guard let node = nodes[position] else { return }
        if let newer = node.newer { nodes[newer]?.older = node.older } else { newest = node.older }
        if let older = node.older { nodes[older]?.newer = node.newer } else { oldest = node.newer }
        if hand == position { hand = node.newer }
        nodes[position] = nil
        free.append(position)
        positions[node.key] = nil
        statistics.entryCount -= 1
        statistics.byteCount -= node.cost
    }

    /// Evicts one entry. The hand clears every mark it passes, so it finds one within two rounds.
    fileprivate mutating func evict() {
        while let position = hand ?? oldest {
            guard let node = nodes[position] else { return }
            if node.isMarked {
                nodes[position]?.isMarked = false
                hand = node.newer
            } else {
                remove(at: position)
                statistics.evictions += 1
                return
            }
        }
    }
}
