#if Hummingbird
import Hummingbird
import Testing

@testable import HummingbirdPipeline

/// What a server with hits in the channel does with connections.
@Suite(.timeLimit(.minutes(2)))
struct ChannelHitConnectionTests {
    @Test func `A client that does not read is not answered without bound`() async throws {
        let server = HitServer()
        try await server.run { port in
            let connection = try await RawConnection(port: port)
            let response = try await connection.responses(to: HitServer.get("/large"))[4]
            try await connection.setReading(false)
            let count = 1500
            try await connection.send(String(repeating: HitServer.get("/large"), count: count))
            // A request on another connection comes after those that the server has read.
            let other = try await RawConnection(port: port)
            try await other.responses(to: HitServer.get("/small"), times: 2)
            try await other.close()
            #expect(server.answered.value < count)
            try await connection.setReading(true)
            let received = try await connection.finish()
            #expect(received.utf8.count > count * response.utf8.count)
            #expect(received.hasSuffix(String(response.suffix(20_000))))
            #expect(server.handled.value == 2)
        }
    }

    @Test func `An idle timeout counts hits as activity`() async throws {
        let server = HitServer()
        // Long enough for pauses of a busy machine.
        try await server.run(configuration: .init(idleTimeout: .seconds(3))) { port in
            let connection = try await RawConnection(port: port)
            try await connection.responses(to: HitServer.get("/small"))
            let end = ContinuousClock.now + .milliseconds(6500)
            while ContinuousClock.now < end {
                #expect(try await connection.response(to: HitServer.get("/small")).hasPrefix("HTTP/1.1 200"))
            }
            #expect((server.handled.value, server.answered.value > 3) == (1, true))
            // Without requests the server closes it.
            #expect(try await connection.receive() == "")
        }
    }

    @Test func `A graceful shutdown ends connections with hits`() async throws {
        let server = HitServer()
        try await server.runUntilShutdown { port, shutDown in
            let connection = try await RawConnection(port: port)
            try await connection.responses(to: HitServer.get("/small"))
            #expect(server.answered.value == 3)
            await shutDown()
            #expect(try await connection.receive() == "")
        }
    }
}
#endif
