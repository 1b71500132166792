import NIOCore

/// The stripes of a ``MemoryStore``.
///
/// They lie behind a pointer rather than in an array, because a look-up that took one out of an array would count a reference,
/// and so write to what it shares with other threads. `@unchecked` for the pointer alone: the stripes are `Sendable`, and stay
/// where they are until the last reference to this goes.
final class MemoryStoreStripes: @unchecked Sendable {
    /// How many there are, a power of two.
    let count: Int
    private let stripes: UnsafeMutablePointer<MemoryStoreStripe>

    /// Creates empty stripes.
    ///
    /// - Parameters:
    ///   - count: How many, a power of two.
    ///   - hasher: Hashes keys for the whole store.
    init(count: Int, hasher: KeyHasher) {
        // More than there are processors, up to a limit, because threads come and go, and two that run at the same time may have
        // numbers that pick the same.
        var readerCount = 4
        while readerCount < min(4 * System.coreCount, 32) { readerCount *= 2 }
        self.count = count
        stripes = .allocate(capacity: count)
        for index in 0..<count {
            (stripes + index).initialize(to: MemoryStoreStripe(hasher: hasher, readerCount: readerCount))
        }
    }

    deinit {
        stripes.deinitialize(count: count)
        stripes.deallocate()
    }

    /// The stripe with a number below the count.
    @inline(__always)
    func stripe(at index: Int) -> UnsafePointer<MemoryStoreStripe> { UnsafePointer(stripes + index) }

    /// The stripe of a key's hash. Tables use the low bits.
    @inline(__always)
    func stripe(of hash: UInt64) -> UnsafePointer<MemoryStoreStripe> {
        stripe(at: Int(truncatingIfNeeded: hash >> 48) & (count - 1))
    }
}
