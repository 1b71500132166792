/// A queue of entries in the order of insertion.
struct EntryQueue {
    private(set) var newest = EntryNode.none
    private(set) var oldest = EntryNode.none
    /// The total weight of the entries, in the unit of the shard's limit.
    var weight = 0

    mutating func append(_ position: UInt32, in nodes: inout [EntryNode]) {
        nodes[Int(position)].newer = EntryNode.none
        nodes[Int(position)].older = newest
        if newest != EntryNode.none { nodes[Int(newest)].newer = position } else { oldest = position }
        newest = position
    }

    mutating func remove(_ position: UInt32, in nodes: inout [EntryNode]) {
        let (newer, older) = (nodes[Int(position)].newer, nodes[Int(position)].older)
        if newer != EntryNode.none { nodes[Int(newer)].older = older } else { newest = older }
        if older != EntryNode.none { nodes[Int(older)].newer = newer } else { oldest = newer }
    }

    /// Renumbers the positions.
    mutating func renumber(_ number: (UInt32) -> UInt32) {
        if newest != EntryNode.none { newest = number(newest) }
        if oldest != EntryNode.none { oldest = number(oldest) }
    }
}

/// The bookkeeping of one entry in a shard: its neighbors in its queue and its positions in the index and the heap.
struct EntryNode {
    /// The value for no position.
    static let none = UInt32.max

    /// The entry; nil if the node is free.
    var stored: StoredEntry?
    /// The number of bytes that the entry takes.
    var byteCount = 0
    var newer = none
    var older = none
    var heapIndex = ExpiryHeap.none
    /// The first of the entry's links in the index of labels.
    var firstLink = LabelIndex.none
    /// Whether the entry is in the main queue rather than in the small one.
    var isInMain = false
}
