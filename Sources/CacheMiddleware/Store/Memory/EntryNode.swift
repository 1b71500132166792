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
