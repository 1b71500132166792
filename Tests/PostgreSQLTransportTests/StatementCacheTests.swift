#if PostgreSQL
import Testing

@testable import PostgreSQLTransport

@Suite struct StatementCacheTests {
    /// Plans the execution of a text and prepares it if the plan says so.
    private static func use(
        _ cache: inout StatementCache, _ text: String, _ kinds: [StatementParameters.Kind] = []
    ) -> StatementCache.Plan {
        let plan = cache.plan(text, kinds, canPrepare: true)
        if case .prepare(let name) = plan { cache.didPrepare(text, as: name) }
        return plan
    }

    @Test func `A text is prepared at its second use`() {
        var cache = StatementCache(limit: 2)
        #expect((0..<3).map { _ in Self.use(&cache, "a") } == [.unnamed, .prepare("s1"), .prepared("s1")])
    }

    @Test func `The text used least recently is evicted`() {
        var cache = StatementCache(limit: 2)
        for text in ["a", "a", "b", "b", "a", "c"] { _ = Self.use(&cache, text) }
        #expect(cache.evicted == ["s2"])
        #expect(Self.use(&cache, "a") == .prepared("s1"))
        let names = cache.takeEvicted()
        #expect(names == ["s2"])
        #expect(cache.evicted.isEmpty)
    }

    @Test func `A parameter that was NULL is declared later`() {
        var cache = StatementCache(limit: 2)
        for _ in 0..<2 { _ = Self.use(&cache, "a", [.null]) }
        #expect(Self.use(&cache, "a", [.integer]) == .prepare("s2"))
        #expect(Self.use(&cache, "a", [.null]) == .prepared("s2"))
        #expect(Self.use(&cache, "a", [.text]) == .unnamed)
        #expect(Self.use(&cache, "a", [.integer, .integer]) == .unnamed)
        #expect(cache.evicted == ["s1"])
    }

    @Test func `Statements that were not deallocated yet are bounded`() {
        var cache = StatementCache(limit: 2)
        for number in 0..<10 { for _ in 0..<2 { _ = Self.use(&cache, "\(number)") } }
        #expect(cache.evicted.count <= 4)
        #expect(cache.preparedCount <= 2)
    }

    @Test func `A failed transaction prepares nothing`() {
        var cache = StatementCache(limit: 2)
        #expect((0..<3).map { _ in cache.plan("a", [], canPrepare: false) } == [.unnamed, .unnamed, .unnamed])
        #expect(cache.preparedCount == 0)
    }
}
#endif
