import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Synchronization
import Testing

@Suite struct ConditionalUpdateTests {
    /// A resource whose update reads, waits and writes, like one in a database.
    final class Document: Sendable {
        let version = Mutex<Int?>(1)
        let written = HandlerCounter()

        func tag() -> EntityTag? { version.withLock { $0 }.flatMap { EntityTag("v\($0)") } }

        func update(_ exchange: Exchange) async -> Reply {
            let read = version.withLock { $0 } ?? 0
            for _ in 0..<10 { await Task.yield() }
            version.withLock { $0 = read + 1 }
            written.increment()
            return .testing("\(read + 1)")
        }
    }

    static func handler(
        _ document: Document, serializing serialization: UpdateSerialization = .perResource
    ) -> Handler {
        Pipeline {
            ETagMiddleware(tag: { _ in document.tag() }) {
                $0.rebuildsAfterMethodEvaluation = true
                $0.serialization = serialization
            }
        }.wrap { exchange in
            exchange.request.method == .get ? .testing("\(document.tag()!)") : await document.update(exchange)
        }
    }

    @Test func `Exactly one of a hundred concurrent updates succeeds`() async throws {
        // All have the same tag.
        let document = Document()
        let handler = Self.handler(document)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { try await handler(.testing(.put, "/doc", fields: [.ifMatch: "\"v1\""])).status.code }
            }
            return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [200: 1, 412: 99])
        #expect(document.written.count == 1)
    }

    @Test func `An update returns the tag of the state it wrote`() async throws {
        // Not of a later one.
        let document = Document()
        let handler = Self.handler(document)
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    let reply = try await handler(.testing(.put, "/doc?x=\(Int.random(in: 0...9))"))
                    #expect(reply.headerFields[.eTag] == "\"v\(try await reply.text())\"")
                }
            }
            try await group.waitForAll()
        }
        #expect(document.version.withLock { $0 } == 51)
    }

    @Test func `One key that contains the method serves reads and updates`() async throws {
        let version = HandlerCounter()
        let key = KeyConstructor.default.adding(["v": .computed { _ in .integer(version.count) }])
        let handler = Pipeline {
            ETagMiddleware(key: key.memoizedForRequest()) { $0.rebuildsAfterMethodEvaluation = true }
        }
        .wrap { exchange in
            if exchange.request.method != .get { version.increment() }
            return .testing("ok")
        }
        var tag = try #require(try await handler(.testing()).headerFields[.eTag])
        for method in [HTTPRequest.Method.put, .patch] {
            let reply = try await handler(.testing(method, fields: [.ifMatch: tag]))
            #expect(reply.status == .ok)
            #expect(try await handler(.testing(method, fields: [.ifMatch: tag])).status == .preconditionFailed)
            tag = try #require(reply.headerFields[.eTag])
            #expect(try await handler(.testing()).headerFields[.eTag] == tag)
        }
        #expect(try await handler(.testing(.delete, fields: [.ifMatch: tag])).status == .ok)
        let drf = Pipeline { ETagMiddleware(key: key) { $0 = .drf } }.wrap { _ in .testing("ok") }
        #expect(
            try await drf(.testing()).headerFields[.eTag] == EntityTag(try await key.key(for: .testing())).description)
    }

    @Test(
        arguments: [
            (true, [.ifMatch: "*"], 200), (false, [.ifMatch: "*"], 412), (true, [.ifNoneMatch: "*"], 412),
            (false, [.ifNoneMatch: "*"], 200), (false, [.ifMatch: "\"v1\""], 412),
            (true, [.ifNoneMatch: "\"v2\""], 200),
            (true, [.ifNoneMatch: "W/\"v1\""], 412),
        ] as [(Bool, HTTPFields, Int)])
    func `A closure without a tag means there is no representation`(
        exists: Bool, fields: HTTPFields, status: Int
    ) async throws {
        let document = Document()
        if !exists { document.version.withLock { $0 = nil } }
        let reply = try await Self.handler(document)(.testing(.put, fields: fields))
        #expect(reply.status.code == status)
        if status == 412 { #expect(reply.headerFields[.eTag] == (exists ? "\"v1\"" : nil)) }
    }

    @Test(
        arguments: [
            (nil, [.ifMatch: "*"], 200), (nil, [.ifNoneMatch: "*"], 412), (true, [.ifMatch: "*"], 200),
            (false, [.ifMatch: "*"], 412),
            (true, [.ifNoneMatch: "*"], 412), (false, [.ifNoneMatch: "*"], 200),
        ] as [(Bool?, HTTPFields, Int)])
    func `With a key the route determines whether a representation exists`(
        exists: Bool?, fields: HTTPFields, status: Int
    ) async throws {
        let key: KeyConstructor = ["view": .uniqueViewID]
        let existence: (@Sendable (Exchange) async throws -> Bool)?
        if let exists { existence = { _ in exists } } else { existence = nil }
        let handler = Pipeline { ETagMiddleware(key: key) { $0.exists = existence } }.wrap { _ in .testing("ok") }
        #expect(try await handler(.testing(.put, fields: fields)).status.code == status)
    }

    @Test(
        arguments: [
            ([.ifMatch: "\"a\""], 412), ([.ifNoneMatch: "*"], 412), ([.ifNoneMatch: "\"a\""], 412),
            ([.ifMatch: "*"], 200), ([:], 200),
        ] as [(HTTPFields, Int)])
    func `An update never overwrites what its condition may exclude`(fields: HTTPFields, status: Int) async throws {
        // With tags of the body.
        let handler = Pipeline { ETagMiddleware() }.wrap { _ in .testing("ok") }
        #expect(try await handler(.testing(.put, fields: fields)).status.code == status)
    }

    @Test func `A date condition detects writes within the same second`() async throws {
        let clock = ManualTimeSource()
        let modified = HTTPDate(clock.now)
        let handler = Pipeline { ETagMiddleware(timeSource: clock) { $0.lastModified = { _ in modified } } }
            .wrap { _ in .testing("ok") }
        let before = HTTPDate(secondsSinceEpoch: modified.secondsSinceEpoch - 1)
        let fields: HTTPFields = [.ifUnmodifiedSince: before.description]
        #expect(try await handler(.testing(.put, fields: fields)).status == .preconditionFailed)
    }

    @Test(
        arguments: [
            (RequiredPreconditions.updates, HTTPRequest.Method.put, [:], 428),
            (.updates, .delete, [.ifNoneMatch: "*"], 428),
            (.updates, .patch, [.ifMatch: ""], 428), (.updates, .post, [:], 200), (.updates, .get, [:], 200),
            (.updates, .put, [.ifMatch: "\"v1\""], 200), (.updates.refusing(with: .forbidden), .put, [:], 403),
            ([.post: [.ifNoneMatch]], .post, [:], 428),
            ([.put: [.ifUnmodifiedSince]], .put, [.ifUnmodifiedSince: "garbage"], 428),
            ([.put: [.ifUnmodifiedSince]], .put, [.ifUnmodifiedSince: Dates.date], 200),
        ] as [(RequiredPreconditions, HTTPRequest.Method, HTTPFields, Int)])
    func `An unconditional request is refused where conditions are required`(
        required: RequiredPreconditions, method: HTTPRequest.Method, fields: HTTPFields, status: Int
    ) async throws {
        let ran = HandlerCounter()
        let handler = Pipeline { ETagMiddleware(tag: { _ in EntityTag("v1") }, requiring: required) }.wrap { _ in
            ran.increment()
            return .testing("ok")
        }
        let reply = try await handler(.testing(method, fields: fields))
        #expect(reply.status.code == status)
        #expect(ran.count == (status == 200 ? 1 : 0))
        guard status != 200, let missing = required.fields[method]?.first else { return }
        #expect(
            try await reply.text()
                == #"{"detail":"Precondition required. This \"\#(method.rawValue)\" request is required to be conditional. "#
                + #"Try again using \"\#(missing.rawName)\"."}"#)
    }

    @Test func `The handler sees the tag its update was evaluated against`() async throws {
        let seen = Recorder<EntityTag?>()
        let handler = Pipeline { ETagMiddleware(tag: { _ in EntityTag("v1") }) }.wrap { exchange in
            seen.append(exchange.evaluatedTag)
            return .testing("ok")
        }
        _ = try await handler(.testing(.put, fields: [.ifMatch: "\"v1\""]))
        _ = try await handler(.testing(.put))
        _ = try await handler(.testing(.put, fields: [.ifMatch: "\"v2\""]))
        #expect(seen.elements == [EntityTag("v1"), nil])
    }

    @Test func `Values memoized before an update waited are evaluated again`() async throws {
        let document = Document()
        let key = (["v": .computed { _ in .string(document.tag()?.opaqueTag ?? "") }] as KeyConstructor)
            .memoizedForRequest()
        let tag = EntityTag(try await key.key(for: .testing())).description
        struct EarlyKey: Middleware {
            let key: KeyConstructor
            func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
                _ = try await key.key(for: exchange)
                for _ in 0..<10 { await Task.yield() }
                return try await next(exchange)
            }
        }
        let handler = Pipeline {
            EarlyKey(key: key)
            ETagMiddleware(key: key)
        }.wrap { await document.update($0) }
        let wins = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask { try await handler(.testing(.put, fields: [.ifMatch: tag])).status == .ok ? 1 : 0 }
            }
            return try await group.reduce(0, +)
        }
        #expect(wins == 1)
    }

    @Test func `Evaluated values survive changes of the exchange by middleware`() async throws {
        final class Version: Sendable { let number = HandlerCounter() }
        struct Changing: Middleware {
            func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
                var exchange = exchange
                exchange.language = "de"
                return try await next(exchange)
            }
        }
        let version = Version()
        @Sendable func number(_ exchange: Exchange) -> Int {
            exchange.memo.value(of: version, for: exchange) { version.number.count }
        }
        let seen = Recorder<Int?>()
        let kept = Recorder<Exchange>()
        let handler = Pipeline {
            ETagMiddleware(tag: { EntityTag("\(number($0))") })
            Changing()
        }.wrap { exchange in
            version.number.increment()
            seen.append(exchange.evaluated.map(number))
            kept.append(exchange)
            return .testing("ok")
        }
        _ = try await handler(.testing(.put, fields: [.ifMatch: "\"0\""]))
        _ = try await handler(.testing(.put))
        #expect(seen.elements == [0, nil])
        #expect(kept.elements.allSatisfy { $0.evaluated == nil }, "it is released when the handler has returned")
    }
}
