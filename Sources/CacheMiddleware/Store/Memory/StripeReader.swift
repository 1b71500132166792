import KeyConstructor
import Synchronization

/// What the look-ups of one part of the threads have to themselves in a ``MemoryStoreStripe``, behind their lock.
struct StripeReader: ~Copyable, Sendable {
    /// What is behind the lock.
    struct State {
        /// How many look-ups found an entry.
        private(set) var hits = 0
        /// How many look-ups found none.
        private(set) var misses = 0

        /// How many times in a row one key was found, and its hash.
        private var streak = 0
        private var lastHash: UInt64 = 0
        private var copy: Copy?
    }

    /// A copy of an entry that is found again and again, so that threads which find the same one do not count references in the
    /// same memory. Its body is shared still.
    private struct Copy {
        let key: CacheKey
        let entry: CacheEntry
        let expiry: Int64
        /// The entry itself, which stays in the table for as long as there is this copy.
        let original: Unmanaged<StoredEntry>
    }

    /// How many times in a row a key has to be found before its entry is worth a copy.
    private static let streakForCopy = 16

    let state = Mutex(State())
}

extension StripeReader.State {
    /// Finds the entry under a key and when it expires, counts that, and notes that the entry was looked up. O(1).
    @inline(__always)
    mutating func lookUp(
        _ key: CacheKey, hash: UInt64, in table: borrowing EntryTable
    ) -> (entry: CacheEntry, expiry: Int64)? {
        if let copy, copy.key == key {
            hits &+= 1
            copy.original._withUnsafeGuaranteedRef { $0.noteLookUp() }
            return (copy.entry, copy.expiry)
        }
        guard let stored = table.stored(for: key, hash: hash) else {
            misses &+= 1
            return nil
        }
        hits &+= 1
        if hash == lastHash {
            streak &+= 1
            if streak == StripeReader.streakForCopy { makeCopy(of: stored, under: key) }
        } else {
            lastHash = hash
            streak = 0
        }
        return stored._withUnsafeGuaranteedRef { stored in
            stored.noteLookUp()
            return (stored.entry, stored.expiry)
        }
    }

    /// Counts a look-up as a miss that was counted as a hit.
    mutating func correctHit() {
        hits &-= 1
        misses &+= 1
    }

    /// Forgets the copy, because the table is about to change.
    mutating func removeCopy() {
        streak = 0
        copy = nil
    }

    @inline(never)
    private mutating func makeCopy(of stored: Unmanaged<StoredEntry>, under key: CacheKey) {
        stored._withUnsafeGuaranteedRef {
            copy = StripeReader.Copy(key: key, entry: $0.entry.unshared, expiry: $0.expiry, original: stored)
        }
    }
}
