/// The positions of the entries that expire, the earliest expiry on top: a binary heap with removal from its middle.
///
/// Insertion and removal are O(log n), and O(1) for an entry that expires after all others, which is the usual case if all have the
/// same lifetime.
struct ExpiryHeap {
    private struct Item {
        var expiry: Int64
        var position: UInt32
    }

    /// The index of a node that does not expire.
    static let none = UInt32.max

    private var items: [Item] = []

    /// The number of entries that expire.
    var count: Int { items.count }

    /// Returns the position of the entry that expired first, or nil if none has expired.
    func expired(at moment: Int64) -> UInt32? {
        guard let first = items.first, first.expiry <= moment else { return nil }
        return first.position
    }

    mutating func insert(_ position: UInt32, expiry: Int64, in nodes: inout [EntryNode]) {
        items.append(Item(expiry: expiry, position: position))
        nodes[Int(position)].heapIndex = UInt32(items.count - 1)
        moveUp(items.count - 1, in: &nodes)
    }

    mutating func remove(_ position: UInt32, in nodes: inout [EntryNode]) {
        let index = Int(nodes[Int(position)].heapIndex)
        nodes[Int(position)].heapIndex = Self.none
        let last = items.removeLast()
        if index < items.count {
            items[index] = last
            nodes[Int(last.position)].heapIndex = UInt32(index)
            moveUp(index, in: &nodes)
            moveDown(Int(nodes[Int(last.position)].heapIndex), in: &nodes)
        }
        if items.capacity > 256, items.count * 4 < items.capacity { shrink() }
    }

    mutating func removeAll() {
        items = []
    }

    /// The number of items for which memory is allocated.
    var capacity: Int { items.capacity }

    /// Releases excess memory. Copying the whole array would share its buffer.
    private mutating func shrink() {
        var smaller: [Item] = []
        smaller.reserveCapacity(items.count * 2)
        smaller += items
        items = smaller
    }

    /// Renumbers the positions.
    mutating func renumber(_ number: (UInt32) -> UInt32) {
        for index in items.indices { items[index].position = number(items[index].position) }
    }

    private mutating func moveUp(_ start: Int, in nodes: inout [EntryNode]) {
        var index = start
        while index > 0, items[index].expiry < items[(index - 1) / 2].expiry {
            exchange(index, (index - 1) / 2, in: &nodes)
            index = (index - 1) / 2
        }
    }

    private mutating func moveDown(_ start: Int, in nodes: inout [EntryNode]) {
        var index = start
        while true {
            var least = index
            for child in (2 * index + 1)...(2 * index + 2)
            where child < items.count && items[child].expiry < items[least].expiry {
                least = child
            }
            guard least != index else { return }
            exchange(index, least, in: &nodes)
            index = least
        }
    }

    private mutating func exchange(_ first: Int, _ second: Int, in nodes: inout [EntryNode]) {
        items.swapAt(first, second)
        nodes[Int(items[first].position)].heapIndex = UInt32(first)
        nodes[Int(items[second].position)].heapIndex = UInt32(second)
    }
}
