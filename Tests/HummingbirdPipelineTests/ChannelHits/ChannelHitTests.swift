#if Hummingbird
import CacheMiddleware
import HTTPPipeline
import PipelineTesting
import Testing

@testable import HummingbirdPipeline

@Suite(.timeLimit(.minutes(2)))
struct ChannelHitTests {
    private static func get(_ path: String, _ fields: String = "", method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
    }

    /// Returns the status line, and the fields without Date, and the body.
    static func withoutDate(_ response: String) -> String {
        response.split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { !$0.lowercased().hasPrefix("date:") }.joined(separator: "\r\n")
    }

    @Test(arguments: ["/small", "/large"], ["", "Accept-Encoding: gzip\r\n", "If-None-Match: *\r\n"])
    func `The third hit is answered in the channel`(path: String, fields: String) async throws {
        for method in ["GET", "HEAD"] {
            let server = HitServer()
            try await server.run { port in
                let connection = try await RawConnection(port: port)
                _ = try await connection.response(to: Self.get(path, "X-First: 1\r\n"))
                var responses: [String] = []
                for _ in 0..<4 {
                    server.clock.advance(by: .seconds(7))
                    responses.append(try await connection.response(to: Self.get(path, fields, method: method)))
                }
                #expect(server.answered.value == 2)
                #expect(server.handled.value == 1)
                for (index, response) in responses.enumerated() {
                    let age = "Age: \(7 * (index + 1))\r\n"
                    // A 304 of the outer middleware has no age.
                    #expect(response.contains(age) != response.hasPrefix("HTTP/1.1 304"))
                    #expect(
                        Self.withoutDate(response).replacing(age, with: "")
                            == Self.withoutDate(responses[0]).replacing("Age: 7\r\n", with: ""))
                }
                try await connection.close()
            }
        }
    }

    @Test func `A purge ends the use of a response`() async throws {
        let server = HitServer()
        try await server.run { port in
            let connection = try await RawConnection(port: port)
            for round in 1...3 {
                for _ in 0..<5 { _ = try await connection.response(to: Self.get("/small")) }
                #expect(server.handled.value == round)
                #expect(server.answered.value >= round * 2)
                _ = await server.store.purge(.everything, mode: .hard)
            }
            try await connection.close()
        }
    }
}
#endif
