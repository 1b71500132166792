import KeyConstructor
import Synchronization

/// A part of a ``MemoryStore``'s table, with the locks that look-ups hold while they find an entry.
///
/// There are several locks. A look-up takes the one that its thread's number selects, so look-ups on several threads share no
/// written memory unless their numbers select the same lock. A change takes all locks.
///
/// `@unchecked` because the table is behind a pointer. To change it, a caller must hold the lock of the stripe's shard and then
/// take all locks of the stripe. To read it, a caller must hold any of these locks, or the shard's.
struct MemoryStoreStripe: ~Copyable, @unchecked Sendable {
    private let hasher: KeyHasher
    private let table: UnsafeMutablePointer<EntryTable>
    /// The readers, each on a separate cache line.
    private let readers: UnsafeMutableRawPointer
    /// The number of readers, a power of two, minus one.
    private let readerMask: Int

    private static let cacheLine = 64
    private static let readerStride = (MemoryLayout<StripeReader>.size + cacheLine - 1) / cacheLine * cacheLine

    /// Creates an empty part.
    ///
    /// - Parameters:
    ///   - hasher: Hashes keys for the whole store.
    ///   - readerCount: The number of locks, a power of two.
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
        // The copies refer to entries in the table, so they go first.
        for number in 0...readerMask { reader(number).deinitialize(count: 1) }
        readers.deallocate()
        table.deinitialize(count: 1)
        table.deallocate()
    }

    /// The number of look-ups that found an entry, and the number of those that found none.
    var lookUps: (hits: Int, misses: Int) {
        (0...readerMask).reduce(into: (0, 0)) { sum, number in
            let counts = reader(number).pointee.state.withLock { ($0.hits, $0.misses) }
            sum.0 += counts.0
            sum.1 += counts.1
        }
    }

    /// Returns the entry under a key and its expiry. The call counts as a look-up.
    @inline(__always)
    func lookUp(_ key: CacheKey, hash: UInt64) -> (entry: CacheEntry, expiry: Int64)? {
        reader(ThreadNumber.current).pointee.state.withLock { $0.lookUp(key, hash: hash, in: table.pointee) }
    }

    /// Changes the count of a look-up from a hit to a miss, because its entry had expired.
    func correctHit() {
        reader(ThreadNumber.current).pointee.state.withLock { $0.correctHit() }
    }

    /// Returns the position of the entry under a key. The caller must hold the shard's lock.
    func position(of key: CacheKey, hash: UInt64) -> UInt32? {
        table.pointee.position(of: key, hash: hash)
    }

    /// Inserts or replaces an entry. The caller must hold the shard's lock.
    func update(_ stored: StoredEntry, hash: UInt64, position: UInt32) {
        change { $0.update(stored, hash: hash, position: position, hasher: hasher) }
    }

    /// Removes an entry. The caller must hold the shard's lock.
    func remove(_ key: CacheKey, hash: UInt64) {
        change { $0.remove(key, hash: hash, hasher: hasher) }
    }

    /// Removes all entries. The caller must hold the shard's lock.
    func removeAll() {
        change { $0.removeAll() }
    }

    /// Changes the table under all locks, which are taken in order.
    private func change(lockingFrom number: Int = 0, _ body: (inout EntryTable) -> Void) {
        if number > readerMask { return body(&table.pointee) }
        reader(number).pointee.state.withLock { state in
            state.removeCopy()
            change(lockingFrom: number + 1, body)
        }
    }

    /// Returns the reader for a thread number, or the one with an index.
    @inline(__always)
    private func reader(_ number: Int) -> UnsafeMutablePointer<StripeReader> {
        (readers + (number & readerMask) * Self.readerStride).assumingMemoryBound(to: StripeReader.self)
    }
}
