import Synchronization

/// What the look-ups of one part of the threads share in a ``MemoryStoreStripe``, on a cache line of its own.
struct StripeReader: ~Copyable, Sendable {
    /// What look-ups found.
    struct Counts {
        var hits = 0
        var misses = 0
    }

    let counts = Mutex(Counts())
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
}
