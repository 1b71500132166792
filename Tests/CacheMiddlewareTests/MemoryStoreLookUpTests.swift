import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

/// An entry that a thread finds repeatedly is copied for it. The copy must not be observable.
@Suite struct MemoryStoreLookUpTests {
    static let hot = CacheKey(digestOf: "hot")
    static let often = 100

    static func entry(_ text: String, expiresAt: Timestamp? = nil) -> CacheEntry {
        CacheEntry(status: .ok, body: ByteBuffer(string: text), storedAt: Timestamp(nanoseconds: 0)) {
            $0.expiresAt = expiresAt
            $0.tags = ["tag"]
        }
    }

    /// A store with an entry that was found often enough.
    static func store(expiresAt: Timestamp? = nil, _ timeSource: any TimeSource = ManualTimeSource()) -> MemoryStore {
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: timeSource)
        store.store(entry("old", expiresAt: expiresAt), for: hot)
        for _ in 0..<often { #expect(store.entry(for: hot)?.body == ByteBuffer(string: "old")) }
        return store
    }

    @Test func `A new entry is found from then on`() {
        let store = Self.store()
        for turn in 0..<Self.often {
            store.store(Self.entry("\(turn)"), for: Self.hot)
            for _ in 0..<turn % 40 + 1 { #expect(store.entry(for: Self.hot)?.body == ByteBuffer(string: "\(turn)")) }
        }
    }

    @Test(arguments: [PurgeSelection.key(hot), .tag("tag"), .everything])
    func `A purged entry is not found`(selection: PurgeSelection) {
        let store = Self.store()
        store.purge(selection, mode: .hard)
        #expect(store.entry(for: Self.hot) == nil)
    }

    @Test func `A softly purged entry is stale`() {
        let store = Self.store()
        store.purge(.tag("tag"), mode: .soft)
        #expect(store.entry(for: Self.hot)?.isFresh(at: ManualTimeSource().now) == false)
    }

    @Test func `An expired entry is not found`() {
        let time = ManualTimeSource()
        let store = Self.store(expiresAt: time.now + .seconds(5), time)
        time.advance(by: .seconds(5))
        #expect(store.entry(for: Self.hot) == nil)
        #expect(store.statistics.expirations == 1)
        #expect(store.statistics.entryCount == 0)
    }

    @Test func `Each look-up counts once`() {
        let store = Self.store()
        _ = store.entry(for: CacheKey(digestOf: "another"))
        #expect(store.statistics.hits == Self.often)
        #expect(store.statistics.misses == 1)
    }

    @Test func `A looked-up entry survives eviction`() {
        let store = Self.store()
        for number in 0..<20_000 {
            store.store(Self.entry("\(number)"), for: CacheKey(digestOf: "\(number)"))
            _ = store.entry(for: Self.hot)
        }
        #expect(store.statistics.evictions > 0)
        #expect(store.entry(for: Self.hot) != nil)
    }

    @Test func `A copy is released with the store`() throws {
        weak var variants: BodyVariants?
        do {
            let store = Self.store()
            variants = try #require(store.entry(for: Self.hot)).variants
            #expect(variants != nil)
        }
        #expect(variants == nil)
    }

    @Test func `Concurrent look-ups return the latest entry`() async {
        let store = MemoryStore(byteLimit: 1 << 20)
        store.store(Self.entry("0"), for: Self.hot)
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    var last = 0
                    for _ in 0..<20_000 {
                        let body = store.entry(for: Self.hot)?.body ?? ByteBuffer()
                        let found = Int(String(buffer: body)) ?? -1
                        #expect(found >= last)
                        last = found
                    }
                }
            }
            group.addTask {
                for number in 1...2000 { store.store(Self.entry("\(number)"), for: Self.hot) }
            }
        }
        #expect(store.entry(for: Self.hot)?.body == ByteBuffer(string: "2000"))
    }
}
