/// Numbers that the writer and the reader of entries have to agree on.
enum EntryLimits {
    /// What `HTTPFields` can hold; it traps beyond.
    static let fieldCount = 65_534
    /// A tag takes a byte at least when it is written, and sixteen when it is read: without a limit a store could be filled with
    /// bytes that take all memory of who reads them.
    static let tagCount = 65_535
    /// Encodings of one body. Each look-up of one passes all before it.
    static let variantCount = 16
    /// Of the content. What is beyond has no place in a cache, and buffers end at 4 GiB.
    static let contentLength = 1 << 31
}
