import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Testing

@testable import KeyConstructor

@Suite struct RecentKeysTests {
    /// One change for each thing that a key of direct bits is made of.
    static let changes: [@Sendable (inout Exchange) -> Void] = [
        { _ in }, { $0.request.path = "/b?x=1" }, { $0.request.path = "/a?x=2" }, { $0.request.path = nil },
        { $0.request.authority = "other.test" }, { $0.request.authority = nil },
        { $0.request.scheme = "https" }, { $0.request.scheme = nil },
        {
            $0.request.authority = nil
            $0.request.headerFields[host] = "one.test"
        },
        {
            $0.request.authority = nil
            $0.request.headerFields[host] = "two.test"
        },
        {
            $0.request.authority = nil
            $0.request.headerFields[values: host] = ["one.test", "two.test"]
        }, { $0.userID = "ann" },
        { $0.userID = "bob" }, { $0.language = "de" }, { $0.language = "fr" }, { $0.format = "csv" },
        { $0.route.view = "b" }, { $0.route.method = "put" },
        { $0.pathParameters = PathParameters(named: [.init("id", 5)]) },
        { $0.pathParameters = PathParameters(named: [.init("id", 6)]) },
        { $0.pathParameters = PathParameters(named: [.init("id", "6")]) },
        { $0.pathParameters = PathParameters(named: [.init("\u{E9}", 6)]) },
        { $0.pathParameters = PathParameters(named: [.init("e\u{301}", 6)]) },
        { $0.pathParameters = PathParameters(positional: [5]) },
        { $0.pathParameters = PathParameters(positional: ["5"]) },
        { $0.pathParameters = PathParameters(positional: [5], named: [.init("id", 5)]) },
        // Two spellings of one character are two texts.
        { $0.request.path = "/caf\u{E9}" }, { $0.request.path = "/cafe\u{301}" },
        { $0.userID = "\u{E9}" }, { $0.userID = "e\u{301}" }, { $0.userID = "K" }, { $0.userID = "\u{212A}" },
        { $0.request.path = "/" + String(repeating: "a", count: 2000) },
        { $0.request.path = "/" + String(repeating: "a", count: 1999) + "b" },
    ]

    static let host = HTTPField.Name("Host")!

    static func exchange(_ change: (inout Exchange) -> Void) -> Exchange {
        var exchange = Exchange.testing(.get, "/a?x=1")
        change(&exchange)
        return exchange
    }

    @Test func `A key that was made before is the one that is made anew`() async throws {
        let keys = KeyConstructor.safeDefault
        for _ in 0..<3 {
            for change in Self.changes {
                let exchange = Self.exchange(change)
                let text = try await keys.explanation(for: exchange)
                #expect(keys.synchronousKey(for: exchange) == CacheKey(digestOf: text))
            }
        }
    }

    @Test func `Kept inputs are equal to none that differ in anything`() {
        for (index, left) in Self.changes.enumerated() {
            let inputs = KeyInputs(Self.exchange(left))
            guard inputs.isWorthKeeping else { continue }
            for (other, right) in Self.changes.enumerated() {
                let right = Self.exchange(right)
                #expect(inputs.equal(right, target: right.request.path) == (index == other))
            }
        }
    }

    @Test func `Inputs are kept when they are short and ASCII`() {
        #expect(Self.changes.map { KeyInputs(Self.exchange($0)).isWorthKeeping }.count(where: \.self) == 25)
        for text in ["\u{E9}", "e\u{301}", "\u{212A}", String(repeating: "a", count: 1024)] {
            #expect(!KeyInputs(Self.exchange { $0.userID = text }).isWorthKeeping)
            for parameters in [PathParameters(positional: [.string(text)]), PathParameters(named: [.init(text, 1)])] {
                #expect(!KeyInputs(Self.exchange { $0.pathParameters = parameters }).isWorthKeeping)
            }
        }
    }

    @Test func `Keys are kept only where nothing but the inputs takes part`() {
        #expect(KeyConstructor.safeDefault.storage.recentKeys != nil)
        #expect(KeyConstructor.default.storage.recentKeys == nil)
        #expect(KeyConstructor.safeDefault.adding(["a": .headers(["Accept"])]).storage.recentKeys == nil)
        #expect(KeyConstructor.safeDefault.adding(["p": .pathParameters(["id"])]).storage.recentKeys == nil)
        #expect(KeyConstructor.safeDefault.adding(["p": .arguments([0])]).storage.recentKeys == nil)
    }
}
