import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Synchronization
import Testing

/// Requests as an adapter passes them to a pipeline.
@Suite struct FrameworkRequestTests {
    /// A framework's request with a body that counts its readings.
    final class Framework: FrameworkRequest {
        let readings = Mutex(0)
        let runs = Mutex<[Bool]>([])

        var bodyContent: RequestBody.Content {
            readings.withLock { $0 += 1 }
            return .buffer(ByteBuffer(string: "body"))
        }

        func runHandler(for exchange: Exchange, isDetached: Bool) async throws -> Reply {
            runs.withLock { $0.append(isDetached) }
            return .testing(exchange.userID ?? "anonymous")
        }

        func respond(through pipeline: Pipeline) async throws -> Reply {
            let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
            return try await pipeline.respond(to: Exchange(request: head, body: RequestBody(of: self)), for: self)
        }
    }

    /// A middleware that calls a closure.
    struct Step: Middleware {
        let body: @Sendable (Exchange, Next) async throws -> Reply

        func handle(_ exchange: Exchange, next: Next) async throws -> Reply { try await body(exchange, next) }
    }

    @Test func `An early response reads neither the body nor the handler`() async throws {
        let framework = Framework()
        let reply = try await framework.respond(through: Pipeline { Step { _, _ in .testing("own") } })
        #expect(try await reply.text() == "own")
        #expect(framework.readings.withLock { $0 } == 0)
        #expect(framework.runs.withLock { $0 } == [])
    }

    @Test func `The handler receives the exchange that middleware changed`() async throws {
        let framework = Framework()
        let naming = Step { exchange, next in
            var exchange = exchange
            exchange.userID = String(buffer: try await exchange.body.collect(upTo: 4))
            return try await next(exchange)
        }
        #expect(try await framework.respond(through: Pipeline { naming }).text() == "body")
        #expect(try await framework.respond(through: Pipeline {}).text() == "anonymous")
        #expect(framework.runs.withLock { $0 } == [false, false])
    }

    @Test func `A detached handler is notified when the response was sent`() async throws {
        let framework = Framework()
        let detaching = Step { exchange, next in
            let handler = try #require(next.detached)
            return try await handler(exchange)
        }
        _ = try await framework.respond(through: Pipeline { detaching })
        #expect(framework.runs.withLock { $0 } == [true])
    }
}
