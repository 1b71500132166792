/// How long an ``IdempotencyStore`` keeps a record.
public struct IdempotencyLifetimes: Sendable, Hashable {
    /// The time from the start after which the record is removed. 24 hours by default.
    public var record: Duration
    /// The time after which a record that was not finished can be started again. 60 seconds by default.
    ///
    /// It must be longer than the longest run of a handler: after it, a repetition runs the handler again although the first run may not
    /// have ended.
    public var lease: Duration

    /// Creates lifetimes.
    public init(record: Duration = .seconds(24 * 3600), lease: Duration = .seconds(60)) {
        (self.record, self.lease) = (record, lease)
    }
}

/// The limits of a store that keeps records of many clients.
///
/// Beyond a limit the oldest finished records are removed before their lifetime ends: those of the same client if it uses up its
/// share, so that a client never removes the records of others as long as all clients together use less than the limits.
public struct IdempotencyLimits: Sendable, Hashable {
    /// The maximum number of records.
    public var recordCount: Int
    /// The maximum number of bytes of all records: identifiers, fields and bodies.
    public var byteCount: Int
    /// How many clients can use their share at the same time: one client may use the limits divided by this number.
    public var shareCount: Int

    /// Creates limits.
    public init(recordCount: Int = 100_000, byteCount: Int = 64 << 20, shareCount: Int = 4) {
        (self.recordCount, self.byteCount, self.shareCount) = (max(1, recordCount), byteCount, max(1, shareCount))
    }

    /// The limits of one client.
    package var share: (recordCount: Int, byteCount: Int) {
        (max(1, recordCount / shareCount), byteCount / shareCount)
    }

    /// What a record needs besides its texts and its body.
    package static let overhead = 256
}

/// The error of a store whose limits are used up by records that are not finished.
public struct IdempotencyStoreFull: Error, Hashable, CustomStringConvertible {
    /// Creates the error.
    public init() {}

    /// A message for logs.
    public var description: String { "the store of idempotency keys is full of requests that are running" }
}
