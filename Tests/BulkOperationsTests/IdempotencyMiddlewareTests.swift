import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Testing

@testable import BulkOperations

@Suite struct IdempotencyMiddlewareTests {
    @Test func `A repetition receives the first response`() async throws {
        let service = IdempotentService()
        let first = try await service.send("a", body: "x")
        let again = try await service.send("\"a\"", body: "x")
        #expect(try await [first.text(), again.text()] == ["run 1: x", "run 1: x"])
        #expect([first.status, again.status] == [.created, .created])
        #expect(first.headerFields[.idempotentReplayed] == nil)
        #expect(again.headerFields[.idempotentReplayed] == "true")
        #expect(again.headerFields[.location] == "/orders/1")
        #expect(first.headerFields[.setCookie] == "s=1")
        for name in [HTTPField.Name.setCookie, .connection, .date, .init("X-Hop")!] {
            #expect(again.headerFields[name] == nil, "\(name) is of one response")
        }
        #expect(service.runs.count == 1)
    }

    @Test(
        arguments: [
            ("/orders", "y", "application/json"), ("/orders?dry=1", "x", "application/json"),
            ("/orders", "x", "text/csv"),
        ])
    func `Another request with the key is refused`(target: String, body: String, type: String) async throws {
        let service = IdempotentService { $0.documentation = "https://example.com/keys" }
        _ = try await service.send("a", body: "x")
        let other = try await service.send("a", target, body: body, fields: [.contentType: type])
        #expect(other.status == .unprocessableContent)
        #expect(other.headerFields[.link] == "<https://example.com/keys>; rel=\"describedby\"")
        #expect(service.runs.count == 1)
    }

    @Test func `Keys are those of one user, host, path and method`() async throws {
        let service = IdempotentService()
        _ = try await service.send("a", body: "x")
        _ = try await service.send("a", body: "x", as: "ben")
        _ = try await service.send("a", "/carts", body: "x")
        _ = try await service.send("a", body: "x", method: .patch)
        _ = try await service.send("a", body: "x", host: "other.test")
        #expect(service.runs.count == 5)
    }

    @Test(arguments: [1, 50])
    func `Exactly one concurrent request runs the handler`(rounds: Int) async throws {
        let gate = Gate()
        let service = IdempotentService { _ in
        } handler: { _, _ in
            try await gate.pass()
        }
        async let first = service.send("a", body: "x")
        await gate.waitForArrivals(1)
        for _ in 0..<rounds {
            let other = try await service.send("a", body: "x")
            #expect(other.status == .conflict)
            #expect(other.headerFields[.retryAfter] == "1")
        }
        gate.open()
        #expect(try await first.status == .created)
        #expect(try await service.send("a", body: "x").headerFields[.idempotentReplayed] == "true")
        #expect(service.runs.count == 1)
    }

    @Test func `Of a hundred requests at once one runs the handler`() async throws {
        let service = IdempotentService()
        let codes = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await service.send("a", body: "x").status.code } }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(codes.isSubset(of: [201, 409]))
        #expect(service.runs.count == 1)
    }

    @Test func `A thrown error abandons the key`() async throws {
        let service = IdempotentService { _ in
        } handler: { run, _ in
            if run == 1 { throw CancellationError() }
        }
        await #expect(throws: CancellationError.self) { try await service.send("a", body: "x") }
        #expect(try await service.send("a", body: "y").text() == "run 2: y")
    }

    @Test func `An error of the handler passes without a key`() async throws {
        let service = IdempotentService { _ in
        } handler: { _, _ in
            throw CancellationError()
        }
        await #expect(throws: CancellationError.self) { try await service.send(nil, body: "x") }
    }

    @Test func `A rendered error abandons the key`() async throws {
        let service = IdempotentService { _ in
        } handler: { run, reply in
            if run == 1 { reply.thrownError = CancellationError() }
        }
        _ = try await service.send("a", body: "x")
        #expect(try await service.send("a", body: "x").text() == "run 2: x")
    }

    @Test(arguments: [(200, 1), (204, 1), (400, 1), (404, 1), (401, 2), (429, 2), (500, 2), (503, 2)])
    func `Statuses by which a server fails are not stored`(code: Int, runs: Int) async throws {
        let service = IdempotentService { _ in
        } handler: { _, reply in
            reply.status = .init(code: code)
        }
        for _ in 0..<2 { #expect(try await service.send("a", body: "x").status.code == code) }
        #expect(service.runs.count == runs)
    }

    @Test(arguments: [8, 9])
    func `A response above the limit is passed on, not stored`(limit: Int) async throws {
        for form in BodyForm.allCases {
            let service = IdempotentService {
                $0.maximumResponseSize = limit
            } handler: { _, reply in
                reply.body = form.body(["123", "456", "789"])
            }
            for _ in 0..<2 { #expect(try await service.send("a", body: "x").text() == "123456789") }
            #expect(service.runs.count == (limit == 8 ? 2 : 1), "\(form)")
        }
    }

    @Test func `A stream is stored although its client disconnects`() async throws {
        let service = IdempotentService { _ in
        } handler: { _, reply in
            reply.body = BodyForm.stream.body(["123", "456", "789"])
        }
        let reply = try await service.send("a", body: "x")
        #expect(try await service.send("a", body: "x").status == .conflict, "the stream has not ended")
        await #expect(throws: ChannelError.self) { try await reply.body.write(to: BrokenWriter()) }
        #expect(try await service.send("a", body: "x").text() == "123456789")
        #expect(service.runs.count == 1)
    }

    @Test func `A large stream ends when its client disconnects`() async throws {
        let service = IdempotentService {
            $0.maximumResponseSize = 5
        } handler: { _, reply in
            reply.body = ReplyBody { writer in
                while true { try await writer.write(ByteBuffer(string: "123")) }
            }
        }
        let reply = try await service.send("a", body: "x")
        await #expect(throws: ChannelError.self) { try await reply.body.write(to: BrokenWriter()) }
        _ = try await service.send("a", body: "x")
        #expect(service.runs.count == 2)
    }

    @Test func `A stream that fails abandons the key`() async throws {
        let service = IdempotentService { _ in
        } handler: { run, reply in
            guard run == 1 else { return }
            reply.body = ReplyBody { writer in
                try await writer.write(ByteBuffer(string: "12"))
                throw CancellationError()
            }
        }
        let reply = try await service.send("a", body: "x")
        await #expect(throws: CancellationError.self) { try await reply.text() }
        #expect(try await service.send("a", body: "x").text() == "run 2: x")
    }

    @Test func `Large bodies are refused only with a key`() async throws {
        let service = IdempotentService { $0.maximumRequestSize = 3 }
        let refused = try await service.send("a", body: "1234")
        #expect(refused.status == .contentTooLarge)
        #expect(try await refused.text().contains("at most 3 bytes"))
        #expect(try await service.send(nil, body: "1234").text() == "run 1: 1234")
        #expect(try await service.send("a", body: "1234", method: .put).text() == "run 2: 1234")
        #expect(try await service.send("a", body: "123").text() == "run 3: 123")
    }

    @Test func `A key can be required`() async throws {
        let service = IdempotentService {
            $0.isRequired = true
            $0.documentation = "https://example.com/keys"
        }
        let refused = try await service.send(nil, body: "x")
        #expect(refused.status == .badRequest)
        #expect(try await refused.text() == #"{"detail":"Idempotency-Key is required for this request."}"#)
        #expect(refused.headerFields[.link] == "<https://example.com/keys>; rel=\"describedby\"")
        let invalid = try await service.send("a b", body: "x")
        #expect(invalid.status == .badRequest)
        #expect(try await invalid.text().contains("Idempotency-Key must be"))
        #expect(service.runs.count == 0)
    }

    @Test func `A key without a user is refused by default`() async throws {
        let service = IdempotentService()
        #expect(try await service.send("a", body: "x", as: nil).status == .badRequest)
        #expect(try await service.send(nil, body: "x", as: nil).status == .created)
        let shared = IdempotentService { $0.anonymousClients = .shared }
        for address in ["10.0.0.1", "10.0.0.2"] {
            #expect(try await shared.send("a", body: "x", as: nil, from: address).text() == "run 1: x")
        }
    }

    @Test func `Addresses can separate clients without a user`() async throws {
        let service = IdempotentService { $0.anonymousClients = .byRemoteAddress }
        for (address, port, run) in [("10.0.0.1", 1, 1), ("10.0.0.2", 1, 2), ("10.0.0.1", 2, 1)] {
            let reply = try await service.send("a", body: "x", as: nil, from: address, port: port)
            #expect(try await reply.text() == "run \(run): x")
        }
        #expect(try await service.send("a", body: "x", as: nil).status == .badRequest, "an unknown address")
        #expect(try await service.send("a", body: "x", as: "10.0.0.1").text() == "run 3: x", "a user is no address")
    }

    @Test func `After the lease the handler runs again`() async throws {
        let (time, gate) = (ManualTimeSource(), Gate())
        let service = IdempotentService(time: time) { _ in
        } handler: { run, _ in
            if run == 1 { try await gate.pass() }
        }
        async let first = service.send("a", body: "x")
        await gate.waitForArrivals(1)
        time.advance(by: .seconds(60))
        #expect(try await service.send("a", body: "x").text() == "run 2: x")
        gate.open()
        #expect(try await first.text() == "run 1: x")
        #expect(
            try await service.send("a", body: "x").text() == "run 2: x", "the first run does not replace the second")
        time.advance(by: .seconds(24 * 3600))
        #expect(try await service.send("a", body: "x").text() == "run 3: x")
    }

    @Test func `A middleware inside of another has no effect`() async throws {
        let keys = MemoryIdempotencyStore()
        let runs = HandlerCounter()
        let handler = Pipeline {
            IdempotencyMiddleware(in: keys)
            IdempotencyMiddleware(in: keys)
        }.wrap { _ in
            runs.increment()
            return .testing("a")
        }
        var exchange = Exchange.testing(.post, fields: [.idempotencyKey: "a"])
        exchange.userID = "ann"
        let replies = [try await handler(exchange), try await handler(exchange)]
        #expect(replies.map(\.status) == [.ok, .ok])
        #expect(replies.map { $0.headerFields[.idempotentReplayed] } == [nil, "true"])
        #expect(runs.count == 1)
    }
}
