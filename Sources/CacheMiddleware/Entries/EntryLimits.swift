/// Numbers that the writer and the reader of entries have to agree on.
enum EntryLimits {
    /// Many more than a server sends. `HTTPFields` traps beyond 65,534, and a hit adds fields to those of the entry.
    static let fieldCount = 4096
    /// A tag takes a byte at least when it is written, and sixteen when it is read: without a limit a store could be filled with
    /// bytes that take all memory of who reads them.
    static let tagCount = 65_535
    /// Encodings of one body. Each look-up of one passes all before it.
    static let variantCount = 16
    /// Of the content. What is beyond has no place in a cache, and buffers end at 4 GiB.
    static let contentLength = 1 << 31
}
