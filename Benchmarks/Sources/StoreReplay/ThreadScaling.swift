import CacheMiddleware
import Dispatch
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Synchronization

/// Compares look-ups with a dictionary behind a lock, and measures their scaling from one thread to two: the best of many short
/// rounds, each of which measures everything once, so that some rounds have both cores.
struct ThreadScaling {
    private let rounds = 100
    private let count = 40_000

    func run() {
        let store = MemoryStore(byteLimit: 64 << 20)
        let other = MemoryStore(byteLimit: 64 << 20)
        let dictionary = LockedDictionary()
        let keys = (0..<1024).map { CacheKey(digestOf: "key \($0)") }
        let now = SystemTimeSource().now
        for key in keys {
            let entry = CacheEntry(status: .ok, body: ByteBuffer(repeating: 65, count: 1024), storedAt: now)
            store.store(entry, for: key)
            other.store(entry, for: key)
            dictionary.insert(entry, for: key)
        }
        let measurements: [(name: String, threads: Int, look: @Sendable (Int, Int) -> Void)] = [
            ("dictionary, hot key", 1, { _, _ in use(dictionary.entry(for: keys[0])) }),
            ("store, hot key", 1, { _, _ in use(store.entry(for: keys[0])) }),
            ("store, keys of its own", 1, { thread, turn in use(store.entry(for: keys[thread * 512 + turn & 511])) }),
            ("store, keys of its own", 2, { thread, turn in use(store.entry(for: keys[thread * 512 + turn & 511])) }),
            ("store, one key each", 1, { thread, _ in use(store.entry(for: keys[thread])) }),
            ("store, one key each", 2, { thread, _ in use(store.entry(for: keys[thread])) }),
            ("store, the same key", 2, { _, _ in use(store.entry(for: keys[0])) }),
            // Nothing is shared here: measures the current speed of a second thread.
            (
                "a store each, keys of its own", 2,
                { thread, turn in
                    use((thread == 0 ? store : other).entry(for: keys[thread * 512 + turn & 511]))
                }
            ),
            (
                "dictionary, keys of its own", 2,
                { thread, turn in
                    use(dictionary.entry(for: keys[thread * 512 + turn & 511]))
                }
            ),
        ]
        var best = [Double](repeating: .infinity, count: measurements.count)
        for _ in 0..<rounds {
            for (index, measurement) in measurements.enumerated() {
                best[index] = min(best[index], time(measurement.threads, measurement.look))
            }
        }
        for (index, measurement) in measurements.enumerated() {
            let nanoseconds = best[index] / Double(count)
            print("\(measurement.name), threads \(measurement.threads): \(format(nanoseconds)) ns per look-up on each")
        }
        print("hot key, store against dictionary: \(format(best[1] / best[0]))")
        print("two threads against one, a store each (the machine's share): \(format(2 * best[2] / best[7]))")
        print("two threads against one, keys of its own: \(format(2 * best[2] / best[3]))")
        print("two threads against one, one key each: \(format(2 * best[4] / best[5]))")
        print("two threads against one, the same key: \(format(2 * best[1] / best[6]))")
    }

    /// Returns the nanoseconds from the start of the first thread to the end of the last.
    private func time(_ threads: Int, _ look: @escaping @Sendable (Int, Int) -> Void) -> Double {
        let waiting = Atomic(threads)
        let span = Mutex<(begin: ContinuousClock.Instant, end: ContinuousClock.Instant)?>(nil)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            waiting.subtract(1, ordering: .acquiringAndReleasing)
            while waiting.load(ordering: .acquiring) > 0 {}
            let begin = ContinuousClock.now
            for turn in 0..<count { look(thread, turn) }
            let end = ContinuousClock.now
            span.withLock { $0 = (min($0?.begin ?? begin, begin), max($0?.end ?? end, end)) }
        }
        guard let span = span.withLock({ $0 }) else { return .infinity }
        let duration = (span.end - span.begin).components
        return Double(duration.seconds) * 1e9 + Double(duration.attoseconds) / 1e9
    }

    private func format(_ value: Double) -> String { String(format: "%.2f", value) }
}

/// Prevents the optimizer from removing a look-up.
@inline(never)
private func use<Value>(_ value: borrowing Value?) {}

/// The reference for look-ups.
private final class LockedDictionary: Sendable {
    final class Entry: Sendable {
        let entry: CacheEntry

        init(_ entry: CacheEntry) {
            self.entry = entry
        }
    }

    private let entries = Mutex<[CacheKey: Entry]>([:])

    func insert(_ entry: CacheEntry, for key: CacheKey) {
        let entry = Entry(entry)
        entries.withLock { $0[key] = entry }
    }

    func entry(for key: CacheKey) -> Entry? {
        entries.withLock { $0[key] }
    }
}
