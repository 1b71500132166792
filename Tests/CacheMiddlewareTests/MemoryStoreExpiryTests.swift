import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Testing

@testable import CacheMiddleware

@Suite struct MemoryStoreExpiryTests {
    let time = ManualTimeSource()

    func entry(lasting duration: Duration?) -> CacheEntry {
        CacheEntry(status: .ok, body: ByteBuffer(repeating: 7, count: 500), storedAt: time.now) {
            $0.expiresAt = duration.map { time.now + $0 }
            $0.tags = ["tag"]
        }
    }

    @Test func `Expired entries are evicted before live ones`() {
        let store = MemoryStore(entryLimit: 1000, timeSource: time)
        for number in 0..<500 { store.store(entry(lasting: nil), for: MemoryStoreTests.key(number)) }
        for number in 500..<1000 { store.store(entry(lasting: .seconds(1)), for: MemoryStoreTests.key(number)) }
        time.advance(by: .seconds(2))
        for number in 1000..<1500 { store.store(entry(lasting: nil), for: MemoryStoreTests.key(number)) }
        #expect(store.statistics.expirations == 500)
        #expect(store.statistics.evictions == 0)
        #expect((0..<500).allSatisfy { store.entry(for: MemoryStoreTests.key($0)) != nil }, "live entries stayed")
    }

    @Test func `Each insertion removes a few expired entries`() {
        let store = MemoryStore(entryLimit: 10_000, timeSource: time)
        for number in 0..<1000 {
            store.store(entry(lasting: .seconds(number % 10 + 1)), for: MemoryStoreTests.key(number))
        }
        time.advance(by: .seconds(5))
        store.store(entry(lasting: nil), for: MemoryStoreTests.key(1000))
        #expect((1...8).contains(store.statistics.expirations), "no entry waits for a sweep")
        for number in 1001..<1200 { store.store(entry(lasting: nil), for: MemoryStoreTests.key(number)) }
        #expect(store.statistics.expirations == 500, "those that expire in 1 to 5 seconds, and no other")
        #expect(store.statistics.entryCount == 700)
        #expect(store.indexCounts == (700, 1), "the index contains the stored entries")
    }

    @Test func `The expiry heap releases memory`() {
        let count = 50_000
        var nodes = (0..<count).map { _ in EntryNode() }
        var heap = ExpiryHeap()
        for position in 0..<count { heap.insert(UInt32(position), expiry: Int64(position), in: &nodes) }
        let capacity = heap.capacity
        for position in 0..<(count - 100) { heap.remove(UInt32(position), in: &nodes) }
        #expect(heap.capacity < capacity / 50)
    }

    @Test func `Looking up an expired entry counts as expired and missed`() {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        store.store(entry(lasting: .seconds(1)), for: MemoryStoreTests.key(1))
        time.advance(by: .seconds(1))
        #expect(store.entry(for: MemoryStoreTests.key(1)) == nil)
        let statistics = store.statistics
        #expect(statistics.expirations == 1)
        #expect(statistics.hits == 0)
        #expect(statistics.misses == 1)
        #expect(statistics.byteCount == 0)
    }

    @Test func `A replaced entry has the lifetime of the new one`() {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        store.store(entry(lasting: .seconds(1)), for: MemoryStoreTests.key(1))
        store.store(entry(lasting: .seconds(10)), for: MemoryStoreTests.key(1))
        time.advance(by: .seconds(5))
        store.store(entry(lasting: nil), for: MemoryStoreTests.key(2))
        #expect(store.entry(for: MemoryStoreTests.key(1)) != nil)
        #expect(store.statistics.expirations == 0)
    }
}
