/// Limits that the writer and the reader of entries share.
enum EntryLimits {
    /// The maximum number of fields, far more than a server sends. `HTTPFields` traps beyond 65,534, and a hit adds fields to those
    /// of the entry.
    static let fieldCount = 4096
    /// The maximum number of tags. A tag takes at least one byte encoded and sixteen bytes decoded: without a limit, crafted bytes
    /// in a store could exhaust the memory of the process that decodes them.
    static let tagCount = 65_535
    /// The maximum number of variants of one body. The look-up of a variant is linear.
    static let variantCount = 16
    /// The maximum number of bytes of the content. Larger responses do not belong in a cache, and a `ByteBuffer` is limited to 4
    /// GiB.
    static let contentLength = 1 << 31
}
