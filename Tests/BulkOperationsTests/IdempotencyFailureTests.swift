import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Testing

@testable import BulkOperations

/// What a client receives while the store of the keys fails.
@Suite struct IdempotencyFailureTests {
    @Test func `A failing store is reported, and keeps handlers from running`() async throws {
        let failures = HandlerCounter()
        let runs = HandlerCounter()
        for failsToBegin in [false, true] {
            let keys = FailingKeys(beginError: failsToBegin ? ChannelError.ioOnClosedChannel : nil)
            let handler = Pipeline {
                IdempotencyMiddleware(in: keys) {
                    $0.storeDidFail = { _, _ in failures.increment() }
                }
            }.wrap { _ in
                runs.increment()
                return .testing("a")
            }
            var exchange = Exchange.testing(.post, fields: [.idempotencyKey: "a"])
            exchange.userID = "ann"
            if failsToBegin {
                await #expect(throws: ChannelError.self) { try await handler(exchange) }
            } else {
                #expect(try await handler(exchange).text() == "a")
            }
        }
        #expect([runs.count, failures.count] == [1, 1])
    }

    @Test func `A store that cannot be reached is 503`() async throws {
        let failures = HandlerCounter()
        let runs = HandlerCounter()
        let handler = Pipeline {
            IdempotencyMiddleware(in: FailingKeys(beginError: StoreFailure(isTransient: true))) {
                $0.storeDidFail = { _, _ in failures.increment() }
            }
        }.wrap { _ in
            runs.increment()
            return .testing("a")
        }
        var exchange = Exchange.testing(.post, fields: [.idempotencyKey: "a"])
        exchange.userID = "ann"
        let refused = try await handler(exchange)
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.headerFields[.retryAfter] == "1")
        #expect([runs.count, failures.count] == [0, 1])
    }

    @Test func `A store that is full answers 503`() async throws {
        let gate = Gate()
        let handler = Pipeline {
            IdempotencyMiddleware(in: MemoryIdempotencyStore(limits: IdempotencyLimits(recordCount: 1)))
        }.wrap { _ in
            try await gate.pass()
            return .testing("a")
        }
        let exchanges = ["a", "b"].map { key in
            var exchange = Exchange.testing(.post, fields: [.idempotencyKey: key])
            exchange.userID = "ann"
            return exchange
        }
        async let first = handler(exchanges[0])
        await gate.waitForArrivals(1)
        let refused = try await handler(exchanges[1])
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.headerFields[.retryAfter] == "1")
        gate.open()
        _ = try await first
    }
}
