#if Hummingbird
import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import PipelineTesting
import Synchronization
import TestSupport
import Testing

@testable import HummingbirdPipeline

@Suite(.timeLimit(.minutes(2)))
struct ChannelHitTests {
    @Test(arguments: ["/small", "/large"], ["", "Accept-Encoding: gzip\r\n", "If-None-Match: *\r\n"])
    func `The third hit is answered in the channel`(path: String, fields: String) async throws {
        for method in ["GET", "HEAD"] {
            let server = HitServer()
            try await server.run { port in
                let connection = try await RawConnection(port: port)
                _ = try await connection.response(to: HitServer.get(path, "X-First: 1\r\n"))
                var responses: [String] = []
                for _ in 0..<4 {
                    server.clock.advance(by: .seconds(7))
                    responses.append(try await connection.response(to: HitServer.get(path, fields, method: method)))
                }
                #expect(server.answered.value == 2)
                #expect(server.handled.value == 1)
                for (index, response) in responses.enumerated() {
                    let age = "Age: \(7 * (index + 1))\r\n"
                    // A 304 of the outer middleware has no age.
                    #expect(response.contains(age) != response.hasPrefix("HTTP/1.1 304"))
                    #expect(
                        RawConnection.withoutDate(response).replacing(age, with: "")
                            == RawConnection.withoutDate(responses[0]).replacing("Age: 7\r\n", with: ""))
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
                for _ in 0..<5 { _ = try await connection.response(to: HitServer.get("/small")) }
                #expect(server.handled.value == round)
                #expect(server.answered.value >= round * 2)
                _ = try await server.store.purge(.everything, mode: .hard)
            }
            try await connection.close()
        }
    }

    @Test(arguments: [
        ("/other", ""), ("/small", "Cookie: a=b\r\n"), ("/small", "X-Tenant: 1\r\n"),
        ("/small", "Range: bytes=0-1\r\n"),
        ("/small", "Content-Length: 0\r\n"), ("/small", "X-Long: \(String(repeating: "x", count: 9000))\r\n"),
        ("/missing", ""), ("/remote", ""),
    ])
    func `Other requests take the ordinary path`(path: String, fields: String) async throws {
        let server = HitServer()
        try await server.run(settings: { $0.credentialFields.insert(.init("X-Tenant")!) }) { port in
            let connection = try await RawConnection(port: port)
            try await connection.responses(to: HitServer.get(path, fields))
            #expect(server.answered.value == 0)
            try await connection.close()
        }
    }

    @Test func `A server of only explained responses answers none`() async throws {
        let server = HitServer()
        try await server.run(cache: { $0.explainsStatus = true }) { port in
            let connection = try await RawConnection(port: port)
            try await connection.responses(to: HitServer.get("/small"))
            #expect((server.answered.value, server.handled.value) == (0, 1))
            try await connection.close()
        }
    }

    @Test func `A touched stamp ends the use of a response`() async throws {
        let server = HitServer()
        try await server.run { port in
            let connection = try await RawConnection(port: port)
            for round in 1...3 {
                let responses = try await connection.responses(to: HitServer.get("/stamped"))
                #expect(responses.allSatisfy { $0.hasSuffix("stamped \(round)") })
                #expect(server.answered.value >= round * 2)
                _ = try await connection.response(to: HitServer.get("/touch", "Content-Length: 0\r\n", method: "POST"))
            }
            try await connection.close()
        }
    }

    @Test(arguments: ["soft", "expired", "key", "evicted"])
    func `An entry that is not fresh ends the use of a response`(reason: String) async throws {
        let server = HitServer { MemoryStore(entryLimit: 8, timeSource: $0) }
        try await server.run { port in
            let connection = try await RawConnection(port: port)
            try await connection.responses(to: HitServer.get("/small"))
            let answered = server.answered.value
            #expect((answered, server.handled.value) == (3, 1))
            switch reason {
            case "soft": _ = try await server.store.purge(.url("/small"), mode: .soft)
            case "expired": server.clock.advance(by: .seconds(100))
            case "key": _ = try await server.store.purge(.prefix("/"), mode: .hard)
            default:
                for number in 0..<64 {
                    try await connection.responses(to: HitServer.get("/large?\(number)"), times: 2)
                }
            }
            let handled = server.handled.value
            try await connection.responses(to: HitServer.get("/small"), times: 1)
            #expect((server.answered.value, server.handled.value) == (answered, handled + 1))
            try await connection.close()
        }
    }

    @Test func `A tier in memory is used`() async throws {
        let server = HitServer { TwoTiers(clock: $0) }
        try await server.run { port in
            let connection = try await RawConnection(port: port)
            for path in ["/small", "/stamped"] {
                let answered = server.answered.value
                // The entry is in the store, and then in the tier, soon after the first response.
                try await eventually {
                    try await connection.responses(to: HitServer.get(path), times: 1)
                    return server.answered.value > answered
                }
            }
            let answered = server.answered.value
            // As a message of another instance does.
            if let store = server.store as? TwoTiers { _ = await store.memoryTier.purge(.everything, mode: .hard) }
            try await connection.responses(to: HitServer.get("/small"), times: 1)
            #expect(server.answered.value == answered)
            try await connection.close()
        }
    }

    @Test func `Cache-Status tells the path when asked`() async throws {
        let server = HitServer()
        try await server.run(settings: { $0.marksStatus = true }) { port in
            let connection = try await RawConnection(port: port)
            let responses = try await connection.responses(to: HitServer.get("/small"))
            #expect(responses.map { $0.contains("; detail=channel\r\n") } == [false, false, true, true, true])
            #expect(responses[2].replacing("; detail=channel", with: "") == responses[1])
            try await connection.close()
        }
    }

    @Test func `The access log receives each request that was answered`() async throws {
        let server = HitServer()
        let lines = Mutex<[String]>([])
        try await server.run(settings: { settings in
            settings.onHit = { hit in
                lines.withLock { $0.append("\(hit.method) \(hit.target) \(hit.status) \(hit.byteCount > 100)") }
            }
        }) { port in
            let connection = try await RawConnection(port: port)
            try await connection.responses(to: HitServer.get("/small?a"), times: 4)
            try await connection.close()
        }
        #expect(lines.withLock { $0 } == ["GET /small?a 200 true", "GET /small?a 200 true"])
    }

    @Test func `No response is older than a purge that preceded it`() async throws {
        let server = HitServer()
        let version = HitServer.Count()
        let router = server.router()
        let stack = Pipeline {
            CacheResponseMiddleware(.seconds(100), in: server.store, runtime: server.runtime) {
                $0.answersBelowFramework = true
                $0.tags = ["race"]
            }
        }
        router.get("/race", use: stack.wrap { _, _ in "\(version.value)" })
        try await server.run(router) { port in
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        let connection = try await RawConnection(port: port)
                        while true {
                            let least = server.purged.value
                            let response = try await connection.response(to: HitServer.get("/race"))
                            let found = try #require(Int(response.suffix(while: { $0.isNumber })))
                            #expect(found >= least)
                            if least == 200 { break }
                        }
                        try await connection.close()
                    }
                }
                group.addTask {
                    for round in 1...200 {
                        version.add()
                        let mode: PurgeMode = round.isMultiple(of: 2) ? .hard : .soft
                        _ = try await server.store.purge(
                            round.isMultiple(of: 3) ? .everything : .tag("race"), mode: mode)
                        server.purged.add()
                        // Long enough for hits in the channel.
                        let next = server.answered.value + 3
                        try await eventually { server.answered.value >= next || round == 200 }
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.answered.value >= 597)
        }
    }
}

extension String {
    /// The longest suffix of characters that satisfy a condition.
    fileprivate func suffix(while condition: (Character) -> Bool) -> String {
        String(reversed().prefix(while: condition).reversed())
    }
}
#endif
