import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@Suite struct EntryLifeTests {
    static let key = MemoryStoreTests.key(1)
    let time = ManualTimeSource()

    func entry(lasting duration: Duration? = nil, size: Int = 10) -> CacheEntry {
        CacheEntry(status: .ok, body: ByteBuffer(repeating: 7, count: size), storedAt: time.now) {
            $0.expiresAt = duration.map { time.now + $0 }
            $0.tags = ["tag"]
            $0.path = "/a/b"
        }
    }

    func life(in store: MemoryStore, of key: CacheKey = key) throws -> EntryLife {
        let entry = try #require(store.entry(for: key))
        return try #require(entry.variants.life)
    }

    func isAlive(in store: MemoryStore, _ key: CacheKey = key) throws -> Bool {
        try !life(in: store, of: key).isOver
    }

    @Test func `An entry outside a store has no life`() {
        #expect(entry().variants.life == nil)
    }

    @Test func `A life lasts while look-ups return the entry`() throws {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        store.store(entry(), for: Self.key)
        store.store(entry(), for: MemoryStoreTests.key(2))
        // Enough look-ups for the thread to get its own copy.
        for _ in 0..<100 { #expect(try isAlive(in: store)) }
        let life = try life(in: store)
        for selection in [PurgeSelection.key(MemoryStoreTests.key(2)), .tag("other"), .url("/a"), .prefix("/a/b/c")] {
            store.purge(selection, mode: .hard)
            #expect(!life.isOver)
        }
    }

    @Test(
        arguments: [.key(key), .tag("tag"), .url("/a/b"), .prefix("/a"), .everything] as [PurgeSelection],
        [PurgeMode.hard, .soft])
    func `A purge ends the lives of selected entries`(selection: PurgeSelection, mode: PurgeMode) throws {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        store.store(entry(), for: Self.key)
        let before = try life(in: store)
        store.purge(selection, mode: mode)
        #expect(before.isOver)
        store.store(entry(), for: Self.key)
        #expect(try isAlive(in: store))
    }

    @Test func `Eviction ends a life`() throws {
        let store = MemoryStore(entryLimit: 10, timeSource: time)
        store.store(entry(), for: Self.key)
        let life = try life(in: store)
        for number in 2..<100 { store.store(entry(), for: MemoryStoreTests.key(number)) }
        #expect((store.entry(for: Self.key) == nil) == life.isOver)
        for number in 2..<100 where store.entry(for: MemoryStoreTests.key(number)) != nil {
            #expect(try isAlive(in: store, MemoryStoreTests.key(number)))
        }
        for number in 100..<300 { store.store(entry(), for: MemoryStoreTests.key(number)) }
        #expect(store.entry(for: Self.key) == nil && life.isOver)
    }

    @Test func `Expiry ends a life when the entry is removed`() throws {
        for isLookedUp in [true, false] {
            let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
            store.store(entry(lasting: .seconds(1)), for: Self.key)
            let life = try life(in: store)
            time.advance(by: .seconds(2))
            if isLookedUp {
                #expect(store.entry(for: Self.key) == nil)
            } else {
                store.store(entry(), for: MemoryStoreTests.key(2))
            }
            #expect(life.isOver)
        }
    }

    @Test func `Replacing an entry ends its life`() throws {
        // Also by an entry that is too large.
        for size in [20, 5000] {
            let store = MemoryStore(byteLimit: 1 << 20, entryByteLimit: 4000, timeSource: time)
            store.store(entry(), for: Self.key)
            let before = try life(in: store)
            #expect(store.store(entry(size: size), for: Self.key) == (size == 20))
            #expect(before.isOver)
            if size == 20 { #expect(try isAlive(in: store)) }
        }
    }

    @Test func `An entry kept out by a purge leaves other lives`() throws {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        let mark = store.purgeMark()
        store.purge(.tag("tag"), mode: .hard)
        store.store(entry(), for: Self.key)
        #expect(!store.store(entry(), for: Self.key, unlessPurgedSince: mark))
        #expect(try isAlive(in: store))
    }

    @Test func `Removing all entries or the store ends all lives`() throws {
        var store = MemoryStore(byteLimit: 64 << 20, timeSource: time)
        let keys = (0..<100).map { MemoryStoreTests.key($0) }
        for key in keys { store.store(entry(), for: key) }
        var lives = try keys.map { try life(in: store, of: $0) }
        store.removeAll()
        #expect(lives.allSatisfy { $0.isOver })
        for key in keys { store.store(entry(), for: key) }
        lives = try keys.map { try life(in: store, of: $0) }
        #expect(!lives.contains { $0.isOver })
        store = MemoryStore(byteLimit: 1 << 20)
        #expect(lives.allSatisfy { $0.isOver })
    }

    @Test func `An entry has separate lives in two stores`() throws {
        let (first, second) = (MemoryStore(byteLimit: 1 << 20), MemoryStore(byteLimit: 1 << 20))
        first.store(entry(), for: Self.key)
        second.store(try #require(first.entry(for: Self.key)), for: Self.key)
        let lives = (try life(in: first), try life(in: second))
        first.removeAll()
        #expect(lives.0.isOver && !lives.1.isOver)
    }
}
