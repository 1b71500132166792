import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@Suite struct MemoryStoreTests {
    static func entry(_ size: Int) -> CacheEntry {
        CacheEntry(status: .ok, body: ByteBuffer(repeating: 7, count: size), storedAt: Timestamp(nanoseconds: 0))
    }

    static func key(_ number: Int) -> CacheKey { CacheKey(digestOf: "\(number)") }

    @Test(arguments: [2 << 20, 64 << 20])
    func `The store passes the conformance suite`(byteLimit: Int) async throws {
        try await CacheStoreSuite { MemoryStore(byteLimit: byteLimit, timeSource: $0) }.run()
    }

    @Test func `The byte limit is never exceeded`() {
        let store = MemoryStore(byteLimit: 100_000)
        for number in 0..<1000 {
            store.store(Self.entry(number * 37 % 9000), for: Self.key(number % 300))
            #expect(store.statistics.byteCount <= 100_000)
        }
        let statistics = store.statistics
        #expect(statistics.evictions > 0)
        #expect(statistics.entryCount > 5)
        store.removeAll()
        #expect(store.statistics.byteCount == 0)
        #expect(store.statistics.entryCount == 0)
        #expect(store.statistics.evictions == statistics.evictions)
    }

    @Test func `An entry larger than a shard removes its predecessor`() {
        // And is rejected.
        let store = MemoryStore(byteLimit: 10_000)
        store.store(Self.entry(10), for: Self.key(1))
        store.store(Self.entry(10_000), for: Self.key(1))
        #expect(store.entry(for: Self.key(1)) == nil, "a replaced entry must not return")
        #expect(store.statistics.rejections == 1)
    }

    @Test func `Entries in use survive a long scan`() {
        let store = MemoryStore(byteLimit: 100_000)
        for number in 0..<20 { store.store(Self.entry(500), for: Self.key(number)) }
        for scanned in 100..<2000 {
            store.store(Self.entry(500), for: Self.key(scanned))
            if scanned % 20 == 0 {
                for number in 0..<20 { _ = store.entry(for: Self.key(number)) }
            }
        }
        #expect((0..<20).count { store.entry(for: Self.key($0)) != nil } == 20)
    }

    @Test func `Entries are evicted when all are referenced`() {
        let store = MemoryStore(entryLimit: 9)
        for number in 0..<100 {
            store.store(Self.entry(500), for: Self.key(number))
            for earlier in 0...number { _ = store.entry(for: Self.key(earlier)) }
        }
        #expect(store.statistics.entryCount == 9)
        #expect(store.statistics.evictions == 91)
    }

    @Test func `A hit shares the memory of the body`() throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let entry = Self.entry(10_000)
        store.store(entry, for: Self.key(1))
        let found = try #require(store.entry(for: Self.key(1)))
        let addresses = [entry.body, found.body].map { $0.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) } }
        #expect(addresses[0] == addresses[1])
    }

    @Test func `A small slice does not retain a large buffer`() throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        var entry = Self.entry(500_000)
        entry.body = try #require(entry.body.getSlice(at: 0, length: 100))
        store.store(entry, for: Self.key(1))
        #expect(try #require(store.entry(for: Self.key(1))).body.storageCapacity < 2000)
    }

    @Test func `Look-ups are counted`() {
        let time = ManualTimeSource()
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        var entry = Self.entry(5)
        entry.expiresAt = time.now + .seconds(1)
        store.store(entry, for: Self.key(1))
        _ = store.entry(for: Self.key(1))
        _ = store.entry(for: Self.key(2))
        time.advance(by: .seconds(1))
        _ = store.entry(for: Self.key(1))
        #expect(store.statistics.hits == 1)
        #expect(store.statistics.misses == 2)
        #expect(store.statistics.entryCount == 0, "an expired entry is dropped when it is looked up")
    }

    @Test func `A store without room stops the program`() async {
        await #expect(processExitsWith: .failure) { _ = MemoryStore(byteLimit: 0) }
        await #expect(processExitsWith: .failure) { _ = MemoryStore(entryLimit: 0) }
    }

    @Test(arguments: [1, 7, 100, 40_000]) func `The entry limit is never exceeded`(limit: Int) {
        let store = MemoryStore(entryLimit: limit)
        for number in 0..<(2 * limit) { store.store(Self.entry(0), for: Self.key(number)) }
        // The shards of a large store do not fill at the same moment.
        #expect(store.statistics.entryCount <= limit)
        #expect(store.statistics.entryCount > limit * 9 / 10)
    }

    @Test func `An entry above the limit for one entry is rejected`() {
        let store = MemoryStore(byteLimit: 1 << 20, entryByteLimit: 5000)
        #expect(store.store(Self.entry(2000), for: Self.key(1)))
        #expect(!store.store(Self.entry(5000), for: Self.key(2)))
        #expect(store.statistics.rejections == 1)
        #expect(store.statistics.entryCount == 1)
    }

    @Test func `Every part of an entry is counted`() {
        func counted(_ change: (inout CacheEntry) -> Void) -> Int {
            let store = MemoryStore(byteLimit: 1 << 20)
            var entry = Self.entry(100)
            change(&entry)
            store.store(entry, for: Self.key(1))
            return store.statistics.byteCount
        }
        let plain = counted { _ in }
        #expect(plain > 128)
        #expect(counted { $0.headerFields[.eTag] = String(repeating: "e", count: 1000) } > plain + 1000)
        #expect(counted { $0.tags = [String(repeating: "t", count: 1000)] } > plain + 1000)
        #expect(counted { $0.path = "/" + String(repeating: "u", count: 1000) } > plain + 1000)
        #expect(counted { $0.tags = ["a", "b", "c"] } > counted { $0.tags = ["a"] } + 100)
        #expect(counted { $0.body = ByteBuffer(repeating: 7, count: 9000) } > plain + 16_384 - 256)
    }

    @Test func `Replacing an entry leaves nothing of it counted`() {
        let store = MemoryStore(byteLimit: 1 << 20)
        store.store(Self.entry(100), for: Self.key(1))
        let byteCount = store.statistics.byteCount
        var large = Self.entry(20_000)
        large.tags = ["a", "b"]
        store.store(large, for: Self.key(1))
        #expect(store.indexCounts == (2, 2))
        store.store(Self.entry(100), for: Self.key(1))
        #expect(store.statistics.byteCount == byteCount)
        #expect(store.statistics.entryCount == 1)
        #expect(store.indexCounts == (0, 0))
    }

    @Test func `A refreshed entry keeps its queue position`() {
        let store = MemoryStore(entryLimit: 100)
        store.store(Self.entry(1), for: Self.key(0))
        for number in 1..<1000 {
            store.store(Self.entry(1), for: Self.key(number))
            _ = store.entry(for: Self.key(0))
            store.store(Self.entry(1), for: Self.key(0))
        }
        #expect(store.entry(for: Self.key(0)) != nil)
    }

    @Test func `A loop larger than the store keeps some hits`() {
        let store = MemoryStore(entryLimit: 100)
        for _ in 0..<20 {
            for number in 0..<500 where store.entry(for: Self.key(number)) == nil {
                store.store(Self.entry(0), for: Self.key(number))
            }
        }
        #expect(store.statistics.hitRatio > 0.1)
    }
}
