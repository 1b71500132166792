/// What a shard knows of one entry: its neighbours in its queue and its places in the index and the heap.
struct EntryNode {
    /// What stands for no place.
    static let none = UInt32.max

    /// The entry; nil in a place that is free.
    var stored: StoredEntry?
    /// The number of bytes that the entry takes.
    var byteCount = 0
    var newer = none
    var older = none
    var heapIndex = ExpiryHeap.none
    /// The first of the entry's links in the index of labels.
    var firstLink = LabelIndex.none
    /// Whether the entry stands in the main queue rather than in the small one.
    var isInMain = false
}
