import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Synchronization
import Testing

/// Handlers, writes and refreshes that use the cache they run in, and tags further out.
@Suite(.timeLimit(.minutes(2))) struct CacheInteractionTests {
    typealias Store = PurgeFaults.Store
    typealias Flag = PurgeFaults.Flag

    @Test(arguments: [false, true]) func `A body that reads its own cache does not deadlock`(
        refresh: Bool
    ) async throws {
        // It is of known size.
        let store = MemoryStore(byteLimit: 1 << 20)
        let cache = CacheResponseMiddleware(.minutes(1), in: store, runtime: .testing())
        let inner = Pipeline { cache }.wrap { _ in .testing("12345") }
        let handler = Pipeline { cache }.wrap { exchange in
            Reply(
                status: .ok,
                body: ReplyBody(contentLength: 5) { writer in
                    let reply = try await inner(.testing())
                    try await writer.write(ByteBuffer(string: try await reply.text()))
                    try await writer.finish(nil)
                })
        }
        #expect(await finishes(handler))
    }

    @Test func `Paths of one key do not wait for each other`() async throws {
        let gate = Gate()
        let harness = EngineHarness(
            key: ["view": .uniqueViewID], store: RecordingStore(),
            settings: .with { $0.singleFlight.lockDuration = .seconds(60) }
        ) { _, exchange in
            if exchange.request.path == "/slow" { try await gate.pass() }
            return .testing(exchange.request.path ?? "")
        }
        let handler = harness.handler
        let slow = Task { try await handler(.testing(.get, "/slow")) }
        await gate.waitForArrivals(1)
        let done = Flag()
        let quick = Task {
            defer { done.set() }; return try await handler(.testing(.get, "/quick"))
        }
        await PurgeFaults.drive(harness.clock, 30)
        let isDone = done.isSet
        #expect(isDone, "30 seconds have passed")
        gate.open()
        _ = try await slow.value
        await PurgeFaults.drive(harness.clock, 2)
        _ = try await quick.value
    }

    /// Whether a request completes while other tasks run.
    private func finishes(_ handler: @escaping Handler) async -> Bool {
        let done = Flag()
        let task = Task {
            defer { done.set() }
            return try await handler(.testing()).text()
        }
        for _ in 0..<20_000 where !done.isSet { await Task.yield() }
        let isDone = done.isSet
        task.cancel()
        _ = try? await task.value
        return isDone
    }

    @Test(arguments: [HTTPField.Name.ifModifiedSince, .ifNoneMatch])
    func `A 304 from the cache has its 200's tag`(name: HTTPField.Name) async throws {
        let cache = CacheResponseMiddleware(.minutes(1), in: MemoryStore(byteLimit: 1 << 20))
        let handler = Pipeline {
            ETagMiddleware(); cache
        }.wrap { _ in
            .testing("x", fields: [.lastModified: "Sun, 06 Nov 1994 08:49:37 GMT"])
        }
        _ = try await handler(.testing())
        let whole = try await handler(.testing())
        #expect(whole.headerFields[.eTag] != nil)
        let reply = try await handler(
            .testing(fields: [name: name == .ifNoneMatch ? "*" : "Sun, 06 Nov 1994 08:49:37 GMT"]))
        #expect(reply.status == .notModified)
        #expect(reply.headerFields[.eTag] == whole.headerFields[.eTag])
    }

    @Test func `A write purges again after its response is sent`() async throws {
        // What was stored meanwhile.
        let version = Atomic(1)
        let harness = EngineHarness { _, exchange in
            guard exchange.request.method == .put else { return .testing("v\(version.load(ordering: .relaxed))") }
            return Reply(
                status: .ok,
                body: ReplyBody { writer in
                    version.store(2, ordering: .relaxed)
                    try await writer.finish(nil)
                })
        }
        _ = try await harness.text()
        let put = try await harness(.testing(.put))
        _ = try await harness.text()
        _ = try await put.text()
        #expect(try await harness.text() == "v2")
    }

    @Test func `A 204 has one tag from handler and cache`() async throws {
        let cache = CacheResponseMiddleware(.minutes(1), in: MemoryStore(byteLimit: 1 << 20))
        let handler = Pipeline {
            ETagMiddleware(); cache
        }.wrap { _ in Reply(status: .noContent) }
        let first = try await handler(.testing())
        let hit = try await handler(.testing())
        #expect(first.headerFields[.eTag] == hit.headerFields[.eTag])
    }

    @Test func `A handler that purges its own path completes`() async throws {
        let store = RecordingStore()
        let harness = EngineHarness(store: store) { run, exchange in
            if exchange.request.method == .get { _ = await store.purge(.url("/"), mode: .hard) }
            return .testing("run \(run)")
        }
        let handler = harness.handler
        let replies = (0..<20).map { _ in Task { try await handler(.testing()).text() } }
        for reply in replies { _ = try await reply.value }
        #expect(store.entries.isEmpty)
    }

    @Test func `A refresh stores no truncated body`() async throws {
        // One that is shorter than its stream announced.
        let harness = EngineHarness(settings: .with { $0.stale.whileRevalidating = .seconds(60) }) { run, _ in
            guard run > 1 else { return .testing("1234567890") }
            return Reply(
                status: .ok,
                body: ReplyBody(contentLength: 10) { writer in
                    try await writer.write(ByteBuffer(string: "12345"))
                    try await writer.finish(nil)
                })
        }
        _ = try await harness()
        harness.time.advance(by: .seconds(61))
        _ = try await harness()
        await harness.background.waitUntilIdle()
        #expect(try await harness.text() == "1234567890")
    }

    @Test func `A range or condition does not prevent sharing`() async throws {
        let gate = Gate()
        let harness = EngineHarness { run, exchange in
            try await gate.pass()
            if exchange.request.headerFields[.ifNoneMatch] != nil { return Reply(status: .notModified) }
            return .testing("run \(run)", fields: [.eTag: "\"a\""])
        }
        let handler = harness.handler
        let first = Task { try await handler(.testing(fields: [.ifNoneMatch: "\"a\""])) }
        await gate.waitForArrivals(1)
        let others = (0..<10).map { _ in Task { try await handler(.testing()).text() } }
        for _ in 0..<500 { await Task.yield() }
        gate.open()
        #expect(try await first.value.status == .notModified)
        for other in others { _ = try await other.value }
        let runs = harness.counter.count
        #expect(runs <= 3)
    }

    @Test func `With a waiting limit a self-reading stream completes`() async throws {
        // The stream requests its own path from the cache.
        let store = MemoryStore(byteLimit: 1 << 20)
        let clock = ManualClock()
        let cache = CacheResponseMiddleware(.minutes(1), in: store, runtime: .testing(clock: clock)) {
            $0.singleFlight.waitLimit = .seconds(10)
        }
        let inner = Pipeline { cache }.wrap { _ in .testing("12345") }
        let handler = Pipeline { cache }.wrap { exchange in
            Reply(
                status: .ok,
                body: ReplyBody { writer in
                    let reply = try await inner(.testing())
                    try await writer.write(ByteBuffer(string: try await reply.text()))
                    try await writer.finish(nil)
                })
        }
        #expect(await finishes(handler))
    }

    @Test func `A write that throws a redirect purges`() async throws {
        let harness = EngineHarness { run, exchange in
            var reply = Reply.testing("run \(run)")
            if exchange.request.method == .post { reply.status = .seeOther; reply.thrownError = FailingStore.Failure() }
            return reply
        }
        _ = try await harness()
        _ = try await harness(.testing(.post))
        #expect(try await harness.text() == "run 3")
    }

    @Test func `HEAD hits and their 304 agree with GET`() async throws {
        // Behind tags of the body.
        let cache = CacheResponseMiddleware(.minutes(1), in: MemoryStore(byteLimit: 1 << 20))
        let handler = Pipeline {
            ETagMiddleware(); cache
        }.wrap { _ in .testing("x") }
        let first = try await handler(.testing())
        let tag = try #require(first.headerFields[.eTag])
        for method in [HTTPRequest.Method.get, .head] {
            #expect(try await handler(.testing(method)).headerFields[.eTag] == tag)
            for value in [tag, "W/\(tag)", "\"no\", \(tag)", "*"] {
                let reply = try await handler(.testing(method, fields: [.ifNoneMatch: value]))
                #expect(reply.status == .notModified, "\(method) \(value)")
                #expect(reply.headerFields[.eTag] == tag, "\(method) \(value)")
            }
            #expect(try await handler(.testing(method, fields: [.ifMatch: "\"no\""])).status == .preconditionFailed)
        }
    }
}
