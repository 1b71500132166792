import Dispatch
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@testable import CacheMiddleware

@Suite(.timeLimit(.minutes(5))) struct MemoryStorePurgeStepsTests {
    static let selections: [PurgeSelection] = [.tag("all"), .url("/a/b"), .prefix("/a"), .everything]
    static let limit = PurgeBudget.purgedCount
    let time = ManualTimeSource()

    func entry(_ text: String = "", tags: [String] = ["all"], path: String = "/a/b") -> CacheEntry {
        CacheEntry(status: .ok, body: ByteBuffer(string: text), storedAt: time.now) {
            $0.tags = tags
            $0.path = path
        }
    }

    func store(_ count: Int, limit: Int = 10_000) -> MemoryStore {
        let store = MemoryStore(entryLimit: limit, timeSource: time)
        for number in 0..<count { store.store(entry(), for: MemoryStoreTests.key(number)) }
        return store
    }

    @Test(arguments: selections, [PurgeMode.hard, .soft])
    func `A purge locks for a bounded number of entries`(selection: PurgeSelection, mode: PurgeMode) {
        let store = store(5000)
        #expect(store.purge(selection, mode: mode) == 5000)
        #expect(store.largestPurgeStep <= Self.limit)
        #expect(store.shards.allSatisfy { $0.sweepCount == 0 })
        #expect(store.statistics.entryCount == (mode == .hard ? 0 : 5000))
        for number in 0..<5000 where mode == .soft {
            #expect(store.entry(for: MemoryStoreTests.key(number))?.isFresh(at: time.now) == false)
        }
    }

    @Test func `A purge without matches also locks for bounded time`() {
        // It visits a bounded number of entries under a lock.
        let store = store(5000)
        var purge = store.begin(.prefix("/none"), .hard)
        var steps = 1
        while !purge.advance() { steps += 1 }
        #expect(steps == 5000 / PurgeBudget.entryCount + 1)
        #expect(purge.count == 0)
    }

    @Test(arguments: selections.dropLast(), [PurgeMode.hard, .soft])
    func `Entries added between steps do not prolong a purge`(selection: PurgeSelection, mode: PurgeMode) {
        let store = store(2000, limit: 16_000)
        var purge = store.begin(selection, mode)
        var steps = 1
        while !purge.advance(), steps < 100 {
            for number in 0..<500 { store.store(entry(), for: MemoryStoreTests.key(10_000 + 500 * steps + number)) }
            steps += 1
        }
        #expect(steps < 20)
        for number in 0..<2000 {
            #expect(store.entry(for: MemoryStoreTests.key(number))?.isFresh(at: time.now) ?? false == false)
        }
    }

    @Test(arguments: selections, [PurgeMode.hard, .soft])
    func `Changes between steps hide no entry from a purge`(selection: PurgeSelection, mode: PurgeMode) {
        // Entries that leave or are replaced.
        let store = store(3000)
        for number in 3000..<9000 { store.store(entry(tags: ["other"], path: "/c"), for: MemoryStoreTests.key(number)) }
        var replaced: Set<Int> = []
        var (purge, step) = (store.begin(selection, mode), 0)
        while !purge.advance() {
            for number in 0..<100 {
                let key = (step * 997 + number * 13) % 3000
                store.store(entry("new", tags: ["all", "new"]), for: MemoryStoreTests.key(key))
                replaced.insert(key)
            }
            for number in stride(from: step, to: 3000, by: 17) { store.removeEntry(for: MemoryStoreTests.key(number)) }
            // So many that the table is compacted when no purge is running.
            if step == 1 { store.purge(.tag("other"), mode: .hard) }
            step += 1
        }
        for number in 0..<3000 where !replaced.contains(number) {
            let found = store.entry(for: MemoryStoreTests.key(number))
            #expect(mode == .hard ? found == nil : found?.isFresh(at: time.now) ?? false == false)
        }
        #expect(store.shards.allSatisfy { $0.sweepCount == 0 })
        #expect(store.statistics.entryCount <= 3000)
    }

    @Test(arguments: selections.dropLast()) func `Removing all entries ends a purge`(selection: PurgeSelection) {
        let store = store(2000)
        var purge = store.begin(selection, .hard)
        var isLast = purge.advance()
        #expect(!isLast)
        store.removeAll()
        for number in 0..<2000 { store.store(entry(), for: MemoryStoreTests.key(number)) }
        var other = store.begin(selection, .soft)
        isLast = other.advance()
        #expect(!isLast)
        while !purge.advance() {}
        while !other.advance() {}
        #expect(store.shards.allSatisfy { $0.sweepCount == 0 })
        #expect((0..<2000).allSatisfy { store.entry(for: MemoryStoreTests.key($0))?.isFresh(at: time.now) != true })
    }

    @Test(arguments: [[UInt32](), [7], [7, 8], [8, 7, 6, 9], [0], [0, 1, 2, 3, 4, 5, 6, 7, 8]])
    func `A cursor visits every remaining link and no new one`(removed: [UInt32]) {
        var index = LabelIndex()
        var firstLinks = [UInt32](repeating: LabelIndex.none, count: 20)
        func insert(_ entry: UInt32) {
            for hash in [1, 2] as [UInt64] { index.insert(hash, of: entry, firstLink: &firstLinks[Int(entry)]) }
        }
        for entry in 0..<10 as Range<UInt32> { insert(entry) }
        index.openCursor(1, under: 1)
        index.openCursor(2, under: 3)
        let first = [index.advance(2), index.advance(1), index.advance(1)]
        #expect(first == [nil, 9, 8], "no entry has the label of the other one")
        for entry in removed { index.removeLinks(from: firstLinks[Int(entry)]) }
        for entry in 10..<20 as Range<UInt32> { insert(entry) }
        var visited: [UInt32] = []
        while let entry = index.advance(1), visited.count < 20 { visited.append(entry) }
        #expect(visited == (0..<8).reversed().filter { !removed.contains($0) })
        index.closeCursor(1)
        let closed = index.advance(1)
        #expect(closed == nil)
    }

    @Test func `A purge through the protocol leaves its caller's executor`() async throws {
        let store = store(9000)
        let purged: any CacheStore = store
        let executor = CountingExecutor()
        for mode in [PurgeMode.soft, .hard] {
            let count = try await withTaskExecutorPreference(executor) {
                executor.reset()
                return try await purged.purge(.tag("all"), mode: mode)
            }
            #expect(count == 9000)
            #expect(executor.count <= 2, "its 35 steps run elsewhere")
        }
    }

    @Test func `A small purge stays on its caller's executor`() async throws {
        let store = store(100)
        let executor = CountingExecutor()
        try await withTaskExecutorPreference(executor) {
            executor.reset()
            _ = try await (store as any CacheStore).purge(.tag("all"), mode: .soft)
            #expect(executor.count == 0)
        }
    }

    @Test func `A background purge keeps out earlier responses and completes`() async {
        let store = store(5000)
        let mark = store.purgeMark()
        let rest = store.purgeInBackground(.tag("all"), mode: .hard)
        #expect(!store.store(entry(), for: MemoryStoreTests.key(1), unlessPurgedSince: mark))
        await rest?.value
        #expect(store.statistics.entryCount == 0)
        #expect(store.purgeInBackground(.tag("all"), mode: .hard) == nil)
    }

    @Test func `No look-up after a purge finds a purged entry`() async {
        // Whatever is stored meanwhile.
        let store = MemoryStore(entryLimit: 16_000, timeSource: time)
        let data = VersionedData()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<3 {
                group.addTask {
                    var number = task
                    while !data.isDone {
                        number = (number + 7) % 3000
                        let mark = store.purgeMark()
                        let read = data.version
                        _ = store.store(entry("\(read)"), for: MemoryStoreTests.key(number), unlessPurgedSince: mark)
                        _ = store.entry(for: MemoryStoreTests.key(number / 2))
                        if number % 100 == 0 { await Task.yield() }
                    }
                }
            }
            group.addTask {
                for round in 0..<20 {
                    let written = data.write()
                    let mode: PurgeMode = round % 3 == 0 ? .soft : .hard
                    await store.purge(Self.selections[round % 4], mode: mode)
                    for number in stride(from: round, to: 3000, by: 10) {
                        guard let found = store.entry(for: MemoryStoreTests.key(number)) else { continue }
                        let isOld = Int(String(buffer: found.body))! < written
                        #expect(!isOld || mode == .soft && !found.isFresh(at: time.now))
                    }
                }
                data.end()
            }
        }
        await store.purge(.everything, mode: .hard)
        #expect(store.statistics.byteCount == 0)
        #expect(store.indexCounts == (0, 0))
    }
}

/// The data that a handler would read.
private final class VersionedData: Sendable {
    private let current = Atomic(0)
    private let hasEnded = Atomic(false)

    var version: Int { current.load(ordering: .sequentiallyConsistent) }
    var isDone: Bool { hasEnded.load(ordering: .relaxed) }

    func write() -> Int { current.add(1, ordering: .sequentiallyConsistent).newValue }
    func end() { hasEnded.store(true, ordering: .relaxed) }
}

/// Runs jobs on a queue of its own, and counts them.
private final class CountingExecutor: TaskExecutor {
    private let jobs = Atomic(0)

    var count: Int { jobs.load(ordering: .sequentiallyConsistent) }

    func reset() { jobs.store(0, ordering: .sequentiallyConsistent) }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(1, ordering: .sequentiallyConsistent)
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        queue.async { job.runSynchronously(on: executor) }
    }

    private let queue = DispatchQueue(label: "counting")
}
