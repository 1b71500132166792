/// Numbers that the writer and the reader of entries have to agree on.
enum EntryLimits {
    /// What `HTTPFields` can hold; it traps beyond.
    static let fieldCount = 65_534
    /// Encodings of one body. Each look-up of one passes all before it.
    static let variantCount = 16
    /// Of the content. What is beyond has no place in a cache, and buffers end at 4 GiB.
    static let contentLength = 1 << 31
}
