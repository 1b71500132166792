import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Testing

@Suite struct KeyConstructorTests {
    /// Counts how often it is evaluated.
    struct CountingKeyBit: KeyBit {
        let counter: HandlerCounter
        func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.write(counter.increment()) }
    }

    struct WaitingKeyBit: AsyncKeyBit {
        let name: String
        func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
            await Task.yield()
            guard name != "failing" else { throw Failure() }
            writer.write(name)
        }
    }

    struct Failure: Error {}

    static func referenceExchange() -> Exchange {
        var exchange = Exchange.testing(view: "your_app.views.SometView")
        exchange.format = "json"
        exchange.language = "en"
        return exchange
    }

    @Test func `The documented example has the documented JSON and MD5`() async throws {
        let exchange = Self.referenceExchange()
        let text = try await KeyConstructor.default.explanation(for: exchange)
        #expect(text == #"{"format": "json", "language": "en", "unique_method_id": "your_app.views.SometView.get"}"#)
        let key = try await KeyConstructor.default.key(for: exchange)
        #expect(key.description == "c6e0f1636878ef93e7a764b01fc011c8")
        #expect(key == MD5.digest(of: text))
        #expect(KeyConstructor.default.synchronousKey(for: exchange) == key)
    }

    @Test func `The key without bits digests an empty object`() async throws {
        let key = try await KeyConstructor().key(for: .testing())
        #expect(key.description == "99914b932bd37a50b983c5e7c90ae93b")
    }

    @Test func `The key is independent of the declaration order`() async throws {
        let one: KeyConstructor = ["a": .user, "b": .format, "\u{e9}": .language]
        let two: KeyConstructor = ["\u{e9}": .language, "b": .format, "a": .user]
        #expect(try await one.key(for: .testing()) == two.key(for: .testing()))
        #expect(one.names == ["a", "b", "\u{e9}"])
    }

    @Test func `Adding to a copy replaces bits of the same name`() async throws {
        let base: KeyConstructor = ["user": .user, "format": .format]
        let extended = base.adding(["user": .headers(["x-user"]), "geo": .headers(["x-geoip-city"])])
        #expect(base.names == ["format", "user"])
        #expect(extended.names == ["format", "geo", "user"])
        #expect(
            try await extended.explanation(for: .testing(fields: [.from: "x"]))
                == #"{"format": null, "geo": {}, "user": {}}"#
        )
        #expect(extended.removing("geo", "missing").names == ["format", "user"])
    }

    @Test func `Overriding replaces the parameters of a bit`() async throws {
        let base = KeyConstructor.default.adding(["geo": .headers(["x-city"]), "query": .queryParameters])
        var fields = HTTPFields()
        fields[HTTPField.Name("X-City")!] = "Rome"
        fields[HTTPField.Name("X-Country")!] = "IT"
        let exchange = Exchange.testing(.get, "/?a=1&b=2", fields: fields)
        let changed = base.removing("unique_method_id", "format", "language")
            .overriding(["geo": ["x-country"], "query": ["a"]])
        #expect(try await changed.explanation(for: exchange) == #"{"geo": {"x-country": "IT"}, "query": {"a": "1"}}"#)
        let emptied = changed.overriding(["geo": .nothing, "query": []])
        #expect(try await emptied.explanation(for: exchange) == #"{"geo": {}, "query": {}}"#)
    }

    @Test func `Overriding an unknown bit stops the program`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = KeyConstructor.default.overriding(["langauge": .all])
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains(#"no bit 'langauge'; it has ["format", "language", "unique_method_id"]"#))
    }

    @Test func `A repeated name stops the program`() async {
        await #expect(processExitsWith: .failure) {
            let constructor: KeyConstructor = ["a": .user, "a": .format]
            _ = constructor
        }
    }

    @Test func `Bits are read, set and removed by name`() async throws {
        var custom = KeyConstructor.default
        let counter = HandlerCounter()
        custom["count"] = CountingKeyBit(counter: counter)
        custom["stamp"] = WaitingKeyBit(name: "x")
        custom["user"] = .user
        custom["format"] = nil
        let found: CountingKeyBit? = custom["count"]
        #expect(found?.counter === counter)
        #expect(custom.names == ["count", "language", "stamp", "unique_method_id", "user"])
        #expect(KeyConstructor.default.names == ["format", "language", "unique_method_id"])
    }

    @Test func `Asynchronous bits are sorted among the others by name`() async throws {
        let constructor: KeyConstructor = [
            "a": .custom(WaitingKeyBit(name: "first")), "b": .user, "c": .custom(WaitingKeyBit(name: "second")),
        ]
        #expect(
            try await constructor.explanation(for: .testing()) == #"{"a": "first", "b": "anonymous", "c": "second"}"#
        )
        #expect(constructor.synchronousKey(for: .testing()) == nil)
        let failing = constructor.adding(["d": .custom(WaitingKeyBit(name: "failing"))])
        await #expect(throws: Failure.self) { try await failing.key(for: .testing()) }
    }

    @Test func `A memoized constructor evaluates once per unchanged exchange`() async throws {
        let counter = HandlerCounter()
        let constructor = (["n": .custom(CountingKeyBit(counter: counter))] as KeyConstructor).memoizedForRequest()
        var exchange = Exchange.testing()
        let key = try await constructor.key(for: exchange)
        #expect(try await constructor.key(for: exchange) == key)
        #expect(constructor.synchronousKey(for: exchange) == key)
        #expect(counter.count == 1)
        exchange.pathParameters = PathParameters(named: [.init("id", 1)])
        #expect(try await constructor.key(for: exchange) != key)
        exchange.route.method = "put"
        _ = try await constructor.key(for: exchange)
        #expect(counter.count == 3)
        _ = try await constructor.key(for: .testing())
        #expect(counter.count == 4, "another request has another memo")
        exchange.memo.removeAll()
        _ = try await constructor.key(for: exchange)
        #expect(counter.count == 5)
    }

    @Test func `Concurrent callers of a memoized constructor share one evaluation`() async throws {
        let counter = HandlerCounter()
        let constructor = (["n": .custom(CountingKeyBit(counter: counter))] as KeyConstructor).memoizedForRequest()
        let exchange = Exchange.testing()
        let keys = await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { constructor.synchronousKey(for: exchange) } }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect((keys.count, counter.count) == (1, 1))
    }

    @Test func `A key that is computed while the memo is emptied is not kept`() throws {
        let counter = HandlerCounter()
        let constructor =
            ([
                "n": .computed { exchange in
                    exchange.memo.removeAll()
                    return counter.increment()
                }
            ] as KeyConstructor).memoizedForRequest()
        let exchange = Exchange.testing()
        let first = try #require(constructor.synchronousKey(for: exchange))
        #expect(constructor.synchronousKey(for: exchange) != first)
    }

    @Test func `An unmemoized constructor evaluates on every use`() async throws {
        let counter = HandlerCounter()
        let constructor: KeyConstructor = ["n": .custom(CountingKeyBit(counter: counter))]
        let exchange = Exchange.testing()
        _ = try await constructor.key(for: exchange)
        _ = try await constructor.key(for: exchange)
        #expect(counter.count == 2)
    }

    @Test func `The safe default separates all common request data`() async throws {
        let safe = KeyConstructor.safeDefault
        let base = Exchange.testing(.get, "/?a=1")
        var keys = [try await safe.key(for: base)]
        var other = base
        other.request.path = "/?a=2"
        keys.append(try await safe.key(for: other))
        other = base
        other.userID = "5"
        keys.append(try await safe.key(for: other))
        other = base
        other.request.authority = "other.test"
        keys.append(try await safe.key(for: other))
        other = base
        other.request.scheme = "https"
        keys.append(try await safe.key(for: other))
        other = base
        other.pathParameters = PathParameters(named: [.init("id", "5")])
        keys.append(try await safe.key(for: other))
        other.pathParameters = PathParameters(positional: ["5"])
        keys.append(try await safe.key(for: other))
        #expect(Set(keys).count == keys.count)
        #expect(safe.separates.user)
        other = base
        other.request.path = "/other?a=1"
        keys.append(try await safe.key(for: other))
        #expect(Set(keys).count == keys.count, "a wildcard names no parameter")
        #expect(safe.separates.negotiatedFields == [.accept, .acceptLanguage])
        #expect(!safe.separates.separates(.cookie))
    }
}
