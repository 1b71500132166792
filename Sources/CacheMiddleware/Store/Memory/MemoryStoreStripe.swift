import KeyConstructor
import Synchronization

/// A part of a ``MemoryStore``'s table, and the locks that look-ups hold for as long as it takes to find an entry.
///
/// There are several locks. A look-up takes the one that its thread's number picks, so look-ups on several threads write to
/// nothing that they share, unless their numbers pick the same; a change takes all of them.
///
/// `@unchecked` because the table is behind a pointer. It is changed only by who holds the lock of the shard that the stripe
/// belongs to and then takes all locks of the stripe; it is read by who holds any of these, or the shard's.
struct MemoryStoreStripe: ~Copyable, @unchecked Sendable {
    private let hasher: KeyHasher
    private let table: UnsafeMutablePointer<EntryTable>
    /// Each begins on a cache line of its own.
    private let readers: UnsafeMutableRawPointer
    /// A power of two, less one.
    private let readerMask: Int

    private static let cacheLine = 64
    private static let readerStride = (MemoryLayout<StripeReader>.size + cacheLine - 1) / cacheLine * cacheLine

    /// Creates an empty part.
    ///
    /// - Parameters:
    ///   - hasher: Hashes keys for the whole store.
    ///   - readerCount: How many locks there are, a power of two.
    init(hasher: KeyHasher, readerCount: Int) {
        self.hasher = hasher
        table = .allocate(capacity: 1)
        table.initialize(to: EntryTable())
        readers = .allocate(byteCount: readerCount * Self.readerStride, alignment: Self.cacheLine)
        readerMask = readerCount - 1
        for reader in 0..<readerCount {
            (readers + reader * Self.readerStride).initializeMemory(as: StripeReader.self, to: StripeReader())
        }
    }

    deinit {
        // First the copies, which refer to what is in the table.
        for number in 0...readerMask { reader(number).deinitialize(count: 1) }
        readers.deallocate()
        table.deinitialize(count: 1)
        table.deallocate()
    }

    /// How many look-ups found an entry, and how many found none.
    var lookUps: (hits: Int, misses: Int) {
        (0...readerMask).reduce(into: (0, 0)) { sum, number in
            let counts = reader(number).pointee.state.withLock { ($0.hits, $0.misses) }
            sum.0 += counts.0
            sum.1 += counts.1
        }
    }

    /// The entry under a key, and when it expires. It counts as a look-up.
    @inline(__always)
    func lookUp(_ key: CacheKey, hash: UInt64) -> (entry: CacheEntry, expiry: Int64)? {
        reader(ThreadNumber.current).pointee.state.withLock { $0.lookUp(key, hash: hash, in: table.pointee) }
    }

    /// Counts a look-up as a miss that was counted as a hit: what it found had expired.
    func correctHit() {
        reader(ThreadNumber.current).pointee.state.withLock { $0.correctHit() }
    }

    /// The place of the entry under a key, for who holds the shard's lock.
    func position(of key: CacheKey, hash: UInt64) -> UInt32? {
        table.pointee.position(of: key, hash: hash)
    }

    /// Puts an entry in, for who holds the shard's lock.
    func update(_ stored: StoredEntry, hash: UInt64, position: UInt32) {
        change { $0.update(stored, hash: hash, position: position, hasher: hasher) }
    }

    /// Takes an entry out, for who holds the shard's lock.
    func remove(_ key: CacheKey, hash: UInt64) {
        change { $0.remove(key, hash: hash, hasher: hasher) }
    }

    /// Takes all entries out, for who holds the shard's lock.
    func removeAll() {
        change { $0.removeAll() }
    }

    /// Changes the table under all locks, which are taken in their order.
    private func change(lockingFrom number: Int = 0, _ body: (inout EntryTable) -> Void) {
        if number > readerMask { return body(&table.pointee) }
        reader(number).pointee.state.withLock { state in
            state.removeCopy()
            change(lockingFrom: number + 1, body)
        }
    }

    /// The reader of a thread, or the one with a number.
    @inline(__always)
    private func reader(_ number: Int) -> UnsafeMutablePointer<StripeReader> {
        (readers + (number & readerMask) * Self.readerStride).assumingMemoryBound(to: StripeReader.self)
    }
}
