import HTTPTypes
import PipelineTesting
import Testing

@testable import HTTPPipeline

@Suite struct ExchangeTests {
    @Test func `Changes of a copy do not affect the original`() {
        let original = Exchange.testing(.get, "/a")
        var copy = original
        copy.request.headerFields[.accept] = "x"
        copy.userID = "ann"
        #expect(original.request.headerFields.isEmpty)
        #expect(original.userID == nil)
        #expect(copy.request.headerFields[.accept] == "x")
    }

    @Test func `Copies share a memo whichever uses it first`() {
        let original = Exchange.testing()
        var early = original
        early.userID = "ann"
        var late = original
        late.userID = "bob"
        #expect(original.memo === early.memo)
        #expect(original.memo === late.memo)
    }

    @Test func `Each change gives a revision that no copy has`() {
        var exchange = Exchange.testing()
        var copies = [exchange]
        for user in ["a", "b", "c"] {
            exchange.userID = user
            copies.append(exchange)
            exchange.language = user
            exchange.format = user
        }
        copies.append(exchange)
        #expect(Set(copies.map(\.revision)).count == copies.count)
    }

    @Test func `An exchange without copies changes in place`() {
        // Under another revision.
        var exchange = Exchange.testing()
        let before = exchange.revision
        exchange.userID = "ann"
        #expect(exchange.revision != before)
        #expect(exchange.existingMemo == nil)
    }
}
