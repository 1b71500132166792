import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Testing

@testable import KeyConstructor

@Suite struct RecentKeysTests {
    /// Changes of the inputs that `KeyInputs` compares.
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
        // Canonically equivalent spellings are different text.
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

    static let allInputs = KeyInputs.Compared.allCases

    static func inputs(_ change: (inout Exchange) -> Void) -> KeyInputs {
        KeyInputs(allInputs, of: exchange(change))
    }

    @Test func `A cached key equals the computed key`() async throws {
        let keys = KeyConstructor.safeDefault
        for _ in 0..<3 {
            for change in Self.changes {
                let exchange = Self.exchange(change)
                let text = try await keys.explanation(for: exchange)
                #expect(keys.synchronousKey(for: exchange) == CacheKey(digestOf: text))
            }
        }
    }

    @Test(arguments: BuiltInBit.all)
    func `Exchanges that differ in a declared input have different keys`(row: BuiltInBit) async throws {
        // The target enables the cache.
        let keys: KeyConstructor = ["bit": row.bit, "target": .target]
        for exchange in try ExchangeChange.exchanges() {
            for change in ExchangeChange.all {
                let changed = try change.applied(to: exchange)
                for exchange in [exchange, changed, exchange, changed] {
                    let text = try await keys.explanation(for: exchange)
                    #expect(try await keys.key(for: exchange) == CacheKey(digestOf: text))
                }
            }
        }
    }

    @Test(arguments: ExchangeInput.allCases)
    func `Inputs differ exactly when the compared input differs`(input: ExchangeInput) throws {
        guard let compared = KeyInputs.Compared(input) else { return }
        let declared = ExchangeInput.allCases.filter { KeyInputs.Compared($0) == compared }
        for exchange in try ExchangeChange.exchanges() {
            let inputs = KeyInputs([compared], of: exchange)
            #expect(inputs.equal([compared], of: exchange))
            for change in ExchangeChange.all {
                let isChanged = declared.contains { change.inputs.contains(ExchangeInputs($0)) }
                // An authority hides the Host fields.
                if change.inputs == [.headerFields, .authority], exchange.request.authority != nil { continue }
                #expect(try inputs.equal([compared], of: change.applied(to: exchange)) != isChanged)
            }
        }
    }

    @Test func `Kept inputs differ from all other inputs`() {
        for (index, left) in Self.changes.enumerated() {
            let inputs = Self.inputs(left)
            guard inputs.isWorthKeeping else { continue }
            for (other, right) in Self.changes.enumerated() {
                #expect(inputs.equal(Self.allInputs, of: Self.exchange(right)) == (index == other))
            }
        }
    }

    @Test func `Short ASCII inputs are kept`() {
        #expect(Self.changes.count { Self.inputs($0).isWorthKeeping } == 25)
        for text in ["\u{E9}", "e\u{301}", "\u{212A}", String(repeating: "a", count: 1024)] {
            for path in [
                \Exchange.userID, \.language, \.format, \.route.template, \.request.path, \.request.scheme,
                \.request.authority,
            ] as [WritableKeyPath<Exchange, String?>] {
                #expect(!Self.inputs { $0[keyPath: path] = text }.isWorthKeeping)
            }
            #expect(!Self.inputs { $0.route.view = text }.isWorthKeeping)
            #expect(!Self.inputs { $0.route.method = text }.isWorthKeeping)
            let withHost = Self.inputs {
                $0.request.authority = nil
                $0.request.headerFields[Self.host] = text
            }
            #expect(!withHost.isWorthKeeping)
            for parameters in [PathParameters(positional: [.string(text)]), PathParameters(named: [.init(text, 1)])] {
                #expect(!Self.inputs { $0.pathParameters = parameters }.isWorthKeeping)
            }
        }
    }

    @Test func `Only comparable inputs that include the target enable the cache`() {
        let safe = KeyConstructor.safeDefault
        #expect(safe.storage.recentKeys != nil)
        #expect(KeyConstructor.default.storage.recentKeys == nil)
        for row in BuiltInBit.all {
            let isComparable = row.bit.synchronous != nil && KeyInputs.comparisons(of: row.bit.inputs) != nil
            #expect((safe.adding(["b": row.bit]).storage.recentKeys != nil) == isComparable)
        }
        for bit in [
            KeyConstructor.Bit.headers(["Accept"]), .attribute(BuiltInBit.Tenant.self), .requestMeta("*"),
            .computed { _ in 1 },
        ] {
            #expect(safe.adding(["b": bit]).storage.recentKeys == nil)
        }
        #expect(KeyInputs.comparisons(of: safe.inputs)?.contains(.method) == false)
    }
}
