import KeyConstructor
import Synchronization

/// A part of a ``MemoryStore``'s table, and the locks that look-ups hold for as long as it takes to find an entry.
///
/// There is a lock for each processor. A look-up takes the one that is its thread's, so look-ups on several threads write to
/// nothing that they share; a change takes all of them.
///
/// `@unchecked` because the table is behind a pointer. It is changed only by who holds the lock of the shard that the stripe
/// belongs to and then takes all locks of the stripe; it is read by who holds any of these.
struct MemoryStoreStripe: ~Copyable, @unchecked Sendable {
    private let hasher: KeyHasher
    private let table: UnsafeMutablePointer<EntryTable>
    private let readers: UnsafeMutablePointer<StripeReader>
    /// A power of two, less one.
    private let readerMask: Int

    /// Creates an empty part.
    ///
    /// - Parameters:
    ///   - hasher: Hashes keys for the whole store.
    ///   - readerCount: How many locks there are, a power of two.
    init(hasher: KeyHasher, readerCount: Int) {
        self.hasher = hasher
        table = .allocate(capacity: 1)
        table.initialize(to: EntryTable())
        readers = UnsafeMutableRawPointer.allocate(
            byteCount: readerCount * MemoryLayout<StripeReader>.stride, alignment: 64
        ).bindMemory(to: StripeReader.self, capacity: readerCount)
        for reader in 0..<readerCount { (readers + reader).initialize(to: StripeReader()) }
        readerMask = readerCount - 1
    }

    deinit {
        table.deinitialize(count: 1)
        table.deallocate()
        readers.deinitialize(count: readerMask + 1)
        UnsafeMutableRawPointer(readers).deallocate()
    }

    /// How many look-ups found an entry, and how many found none.
    var lookUps: (hits: Int, misses: Int) {
        (0...readerMask).reduce(into: (0, 0)) { sum, reader in
            let counts = readers[reader].counts.withLock { $0 }
            sum.0 += counts.hits
            sum.1 += counts.misses
        }
    }

    /// The entry under a key, and when it expires. It counts as a look-up.
    @inline(__always)
    func lookUp(_ key: CacheKey, hash: UInt64) -> (entry: CacheEntry, expiry: Int64)? {
        readers[ThreadNumber.current & readerMask].counts.withLock { counts in
            let found = table.pointee.lookUp(key, hash: hash)
            if found == nil { counts.misses &+= 1 } else { counts.hits &+= 1 }
            return found
        }
    }

    /// Counts a look-up as a miss that was counted as a hit: what it found had expired.
    func correctHit() {
        readers[ThreadNumber.current & readerMask].counts.withLock { counts in
            counts.hits -= 1
            counts.misses += 1
        }
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
    private func change(lockingFrom reader: Int = 0, _ body: (inout EntryTable) -> Void) {
        if reader > readerMask { return body(&table.pointee) }
        readers[reader].counts.withLock { _ in change(lockingFrom: reader + 1, body) }
    }
}
