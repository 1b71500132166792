import KeyConstructor
import Synchronization

/// The state that the look-ups of a group of threads use in a ``MemoryStoreStripe``, behind a lock.
struct StripeReader: ~Copyable, Sendable {
    /// The state behind the lock.
    struct State {
        /// The number of look-ups that found an entry.
        private(set) var hits = 0
        /// The number of look-ups that found none.
        private(set) var misses = 0

        /// The number of consecutive times that one key was found again, and its hash.
        private var streak = 0
        private var lastHash: UInt64 = 0
        private var copy: Copy?
    }

    /// A copy of an entry that is found repeatedly, so that threads that find the same entry do not count references in the same
    /// memory. They still share its body.
    private struct Copy {
        let key: CacheKey
        let entry: CacheEntry
        let expiry: Int64
        /// The entry itself, which stays in the table while this copy exists.
        let original: Unmanaged<StoredEntry>
    }

    /// The number of consecutive times that a key has to be found again before its entry is copied.
    private static let streakForCopy = 16

    let state = Mutex(State())
}

extension StripeReader.State {
    /// Returns the entry under a key and its expiry, counts the look-up, and records that the entry was looked up.
    ///
    /// - Complexity: O(1).
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

    /// Changes the count of a look-up from a hit to a miss.
    mutating func correctHit() {
        hits &-= 1
        misses &+= 1
    }

    /// Removes the copy, because the table is about to change.
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
