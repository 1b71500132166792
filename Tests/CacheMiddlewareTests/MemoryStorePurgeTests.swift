import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@Suite struct MemoryStorePurgeTests {
    let time = ManualTimeSource()

    func entry(tags: [String], path: String? = nil, size: Int = 10) -> CacheEntry {
        CacheEntry(status: .ok, body: ByteBuffer(repeating: 7, count: size), storedAt: time.now) {
            $0.tags = tags
            $0.path = path
        }
    }

    @Test func `The index never outlives the entries`() {
        let store = MemoryStore(byteLimit: 300_000, timeSource: time)
        for number in 0..<3000 {
            let tags = ["all", "group \(number % 10)", "only \(number)", "all"]
            store.store(
                entry(tags: tags, path: "/\(number)", size: number % 700), for: MemoryStoreTests.key(number % 900))
            guard number % 100 == 0 else { continue }
            let (links, labels) = store.indexCounts
            let count = store.statistics.entryCount
            #expect(links == 4 * count, "a tag named twice is one link")
            #expect(labels <= 11 + 2 * count)
        }
        #expect(store.statistics.evictions > 0)
        store.purge(.tag("all"), mode: .hard)
        #expect(store.indexCounts == (0, 0))
        #expect(store.statistics.entryCount == 0)
        #expect(store.statistics.byteCount == 0)
    }

    @Test func `A hundred thousand tags stay within the budget`() {
        let store = MemoryStore(byteLimit: 8 << 20, timeSource: time)
        for number in 0..<1000 {
            let tags = (0..<100).map { "tag \(number) \($0)" }
            store.store(entry(tags: tags), for: MemoryStoreTests.key(number))
            #expect(store.statistics.byteCount <= 8 << 20)
        }
        let (links, labels) = store.indexCounts
        #expect(links == 100 * store.statistics.entryCount)
        #expect(labels == links)
        #expect(store.purge(.tag("tag 999 50"), mode: .hard) == 1)
        #expect(store.purge(.tag("tag 999 50"), mode: .hard) == 0)
        store.purge(.prefix("/"), mode: .hard)
        #expect(store.indexCounts.links == links - 100, "entries without a URL stay")
        store.removeAll()
        #expect(store.indexCounts == (0, 0))
    }

    @Test func `Entries stay separate when the table shrinks`() {
        // Most entries go, and their places are closed up.
        let store = MemoryStore(entryLimit: 20_000, timeSource: time)
        for number in 0..<10_000 {
            store.store(
                entry(tags: ["group \(number % 16)", "only \(number)"], path: "/\(number)"),
                for: MemoryStoreTests.key(number))
        }
        for group in 1..<16 { #expect(store.purge(.tag("group \(group)"), mode: .hard) == 625) }
        #expect(store.statistics.entryCount == 625)
        #expect(store.statistics.purged == 9375)
        for number in 0..<10_000 {
            let found = store.entry(for: MemoryStoreTests.key(number))
            #expect(found?.path == (number % 16 == 0 ? "/\(number)" : nil))
        }
        #expect(store.purge(.url("/1600"), mode: .hard) == 1)
        #expect(store.purge(.tag("only 3200"), mode: .soft) == 1)
        #expect(store.entry(for: MemoryStoreTests.key(1600)) == nil)
        #expect(store.entry(for: MemoryStoreTests.key(3200))?.isFresh(at: time.now) == false)
        #expect(store.purge(.tag("group 0"), mode: .hard) == 624)
        #expect(store.indexCounts == (0, 0))
    }

    @Test func `A soft purge keeps variants and their size`() throws {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        store.store(entry(tags: ["tag"], size: 5000), for: MemoryStoreTests.key(1))
        let variants = try #require(store.entry(for: MemoryStoreTests.key(1))).variants
        variants.insert(ByteBuffer(repeating: 1, count: 1000), named: "gzip")
        let byteCount = store.statistics.byteCount
        store.purge(.tag("tag"), mode: .soft)
        #expect(store.statistics.byteCount == byteCount)
        let stale = try #require(store.entry(for: MemoryStoreTests.key(1)))
        #expect(stale.variants["gzip"]?.readableBytes == 1000)
        #expect(!stale.isFresh(at: time.now))
        store.purge(.tag("tag"), mode: .hard)
        #expect(store.statistics.byteCount == 0)
    }

    @Test func `A variant of a removed entry is not kept`() throws {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        store.store(entry(tags: []), for: MemoryStoreTests.key(1))
        let variants = try #require(store.entry(for: MemoryStoreTests.key(1))).variants
        store.removeAll()
        variants.insert(ByteBuffer(repeating: 1, count: 1000), named: "gzip")
        #expect(variants["gzip"] == nil)
        #expect(store.statistics.byteCount == 0)
    }

    @Test func `Entries that a purge keeps out are counted`() {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        let mark = store.purgeMark()
        store.purge(.tag("tag"), mode: .hard)
        #expect(!store.store(entry(tags: ["tag"]), for: MemoryStoreTests.key(1), unlessPurgedSince: mark))
        #expect(store.statistics.refusals == 1)
    }

    @Test func `Concurrent look-ups, stores and purges leave no memory behind`() async {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<6 {
                group.addTask {
                    for number in 0..<3000 {
                        let key = MemoryStoreTests.key((number * 7 + task) % 400)
                        switch number % 5 {
                        case 0, 1:
                            store.store(
                                entry(tags: ["tag \(number % 3)"], path: "/\(number % 9)", size: 3000), for: key)
                        case 2:
                            await store.purge(
                                number % 2 == 0 ? .tag("tag 1") : .url("/4"), mode: number % 4 == 0 ? .soft : .hard)
                        default: _ = store.entry(for: key)
                        }
                    }
                }
            }
        }
        #expect(store.statistics.byteCount <= 1 << 20)
        #expect(store.indexCounts.links == 2 * store.statistics.entryCount)
        await store.purge(.prefix("/"), mode: .hard)
        #expect(store.indexCounts == (0, 0))
        #expect(store.statistics.byteCount == 0)
    }
}
