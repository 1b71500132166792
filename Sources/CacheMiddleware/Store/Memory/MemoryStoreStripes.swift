/// The stripes of a ``MemoryStore``.
///
/// They are behind a pointer instead of in an array because a look-up of an array element would count a reference, and so write to
/// memory that threads share. `@unchecked` only because of the pointer: the stripes are `Sendable`, and do not move until the last
/// reference to this object is released.
final class MemoryStoreStripes: @unchecked Sendable {
    /// The number of stripes, a power of two.
    let count: Int
    private let stripes: UnsafeMutablePointer<MemoryStoreStripe>

    /// Creates empty stripes.
    ///
    /// - Parameters:
    ///   - count: The number of stripes, a power of two.
    ///   - hasher: Hashes keys for the whole store.
    init(count: Int, hasher: KeyHasher) {
        self.count = count
        stripes = .allocate(capacity: count)
        for index in 0..<count {
            (stripes + index).initialize(to: MemoryStoreStripe(hasher: hasher, readerCount: ThreadNumber.lockCount))
        }
    }

    deinit {
        stripes.deinitialize(count: count)
        stripes.deallocate()
    }

    /// Returns the stripe with an index.
    @inline(__always)
    func stripe(at index: Int) -> UnsafePointer<MemoryStoreStripe> { UnsafePointer(stripes + index) }

    /// Returns the stripe of a key's hash. It is selected by high bits, because tables use the low bits.
    @inline(__always)
    func stripe(of hash: UInt64) -> UnsafePointer<MemoryStoreStripe> {
        stripe(at: Int(truncatingIfNeeded: hash >> 48) & (count - 1))
    }
}
