import Foundation
import NIOCore
import TestSupport
import Testing

/// Tests of the fixtures: the server, and the proxy that injects faults.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .timeLimit(.minutes(5)))
struct RedisServerTests {
    /// Sends a text and returns everything received until the connection closes.
    static func replies(to text: String, on port: Int) async throws -> String {
        try await RawConnection.open(to: port) { connection in
            try await connection.send(text)
            return await connection.rest()
        }
    }

    @Test func `A new server is empty and removes its socket`() async throws {
        let server = try await RedisServer.start()
        #expect(server.url == "redis://127.0.0.1:\(server.port)/0")
        #expect(try await Self.replies(to: "SET caf\u{E9} 1\r\nQUIT\r\n", on: server.port) == "+OK\r\n+OK\r\n")
        #expect(try await server.command("GET", "caf\u{E9}") == "$1\r\n1\r\n")
        #expect(try await server.command("DBSIZE") == ":1\r\n")
        #expect(try await server.command("NONSENSE").hasPrefix("-ERR unknown command"))
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: server.unixSocketPath))
    }

    @Test func `A restarted server has the same port and arguments`() async throws {
        let server = try await RedisServer.start(arguments: ["--maxmemory", "3mb"])
        _ = try await server.command("SET", "key", "value")
        await server.kill()
        await #expect(throws: (any Error).self) { try await Self.replies(to: "PING\r\n", on: server.port) }
        await #expect(throws: (any Error).self) { try await server.command("PING") }
        try await server.restart()
        #expect(try await Self.replies(to: "GET key\r\nQUIT\r\n", on: server.port) == "$-1\r\n+OK\r\n")
        #expect(try await server.command("CONFIG", "GET", "maxmemory").contains("\r\n3145728\r\n"))
    }

    @Test func `A paused server replies after it is resumed`() async throws {
        let server = try await RedisServer.start()
        server.pause()
        server.pause()
        try await RawConnection.open(to: server.port) { connection in
            try await connection.send("PING\r\n")
            server.resume()
            #expect(await connection.receive(7) == "+PONG\r\n")
        }
        server.pause()
        try await server.restart()
        #expect(try await server.command("PING") == "+PONG\r\n")
    }

    @Test func `Commands use the password of the arguments`() async throws {
        let server = try await RedisServer.start(arguments: ["--requirepass", "secret"])
        #expect(try await server.command("PING") == "+PONG\r\n")
        #expect(try await Self.replies(to: "GET a\r\nQUIT\r\n", on: server.port).hasPrefix("-NOAUTH"))
    }

    @Test func `A failed start reports the reason`() async throws {
        let server = try await RedisServer.start()
        let taken = await #expect(throws: RedisServerError.self) { _ = try await RedisServer.start(port: server.port) }
        #expect(taken?.description.contains("Address already in use") == true)
        let wrong = await #expect(throws: RedisServerError.self) {
            _ = try await RedisServer.start(arguments: ["--maxmemory", "much"])
        }
        #expect(wrong?.description.contains("maxmemory") == true)
    }

    @Test func `A released server is stopped`() async throws {
        var server: RedisServer? = try await RedisServer.start()
        try await RawConnection.open(to: #require(server).port) { connection in
            try await connection.send("PING\r\n")
            #expect(await connection.receive(7) == "+PONG\r\n")
            // A server that still runs would reply to this.
            try await connection.send("BLPOP list 10\r\nQUIT\r\n")
            server = nil
            #expect(await connection.rest() == "")
        }
    }

    @Test func `A proxy forwards bytes unchanged`() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(to: server.port)
        let text = String(repeating: "x", count: 1 << 20)
        try await RawConnection.open(to: proxy.port) { connection in
            try await connection.send("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$\(text.utf8.count)\r\n\(text)\r\n")
            #expect(await connection.receive(5) == "+OK\r\n")
            #expect(proxy.connectionCount == 1)
            try await connection.send("GET a\r\nQUIT\r\n")
            #expect(await connection.rest() == "$1048576\r\n\(text)\r\n+OK\r\n")
        }
        await server.kill()
        // The proxy closes the connection at once, possibly before the client sends.
        let replies = try? await Self.replies(to: "PING\r\n", on: proxy.port)
        #expect(replies ?? "" == "")
    }

    @Test func `A proxy disconnects clients and stops`() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(to: server.port)
        try await RawConnection.open(to: proxy.port) { connection in
            try await connection.send("PING\r\n")
            #expect(await connection.receive(7) == "+PONG\r\n")
            await proxy.disconnectAll()
            #expect(proxy.connectionCount == 0)
            #expect(await connection.rest() == "")
        }
        #expect(try await Self.replies(to: "PING\r\nQUIT\r\n", on: proxy.port) == "+PONG\r\n+OK\r\n")
        await proxy.stop()
        // A child process of another test may briefly inherit the socket: some clients connect and are reset.
        let replies = try? await Self.replies(to: "PING\r\n", on: proxy.port)
        #expect(replies ?? "" == "")
    }

    @Test func `Replies stay in order when their delay changes`() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(to: server.port)
        try await RawConnection.open(to: proxy.port) { connection in
            for number in 0..<30 {
                proxy.setMode(number % 3 == 0 ? .pass : .delay(.milliseconds(60 - number)))
                try await connection.send("ECHO \(number)\r\n")
            }
            try await connection.send("QUIT\r\n")
            let numbers = (0..<30).map { "$\("\($0)".count)\r\n\($0)\r\n" }.joined()
            #expect(await connection.rest() == numbers + "+OK\r\n")
        }
    }

    @Test func `A delayed reply does not delay the command`() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(to: server.port)
        proxy.setMode(.delay(.seconds(3600)))
        try await RawConnection.open(to: proxy.port) { connection in
            try await connection.send("LPUSH list value\r\n")
            #expect(try await server.command("BLPOP", "list", "20") == "*2\r\n$4\r\nlist\r\n$5\r\nvalue\r\n")
            await proxy.disconnectAll()
            #expect(await connection.rest() == "")
        }
    }

    @Test func `A cut counts the bytes of each connection`() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(to: server.port)
        _ = try await server.command("SET", "a", "0123456789")
        try await RawConnection.open(to: proxy.port) { connection in
            try await connection.send("PING\r\n")
            #expect(await connection.receive(7) == "+PONG\r\n")
            proxy.setMode(.cutAfter(12))
            try await connection.send("PING\r\nGET a\r\n")
            #expect(await connection.rest() == "+PONG\r\n$10\r\n")
        }
        #expect(try await Self.replies(to: "GET a\r\nGET a\r\n", on: proxy.port) == "$10\r\n0123456")
        proxy.setMode(.cutAfter(0))
        #expect(try await Self.replies(to: "GET a\r\n", on: proxy.port) == "")
    }

    @Test func `Dropped commands do not reach the server`() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(to: server.port)
        try await RawConnection.open(to: proxy.port) { connection in
            try await connection.send("PING\r\n")
            #expect(await connection.receive(7) == "+PONG\r\n")
            proxy.setMode(.drop)
            try await connection.send("SET a 1\r\n")
            #expect(try await server.command("EXISTS", "a") == ":0\r\n")
            // The end of the server's connection is dropped too.
            try await server.restart()
            #expect(proxy.connectionCount == 1)
            proxy.setMode(.pass)
            try? await connection.send("PING\r\n")
            #expect(await connection.rest() == "")
        }
    }

    @Test func `Garbage replaces replies, even without a server`() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(to: server.port)
        for _ in 0..<2 {
            proxy.setMode(.garbage("HTTP/1.1 400\r\n"))
            try await RawConnection.open(to: proxy.port) { connection in
                for _ in 0..<2 {
                    try await connection.send("PING\r\n")
                    #expect(await connection.receive(14) == "HTTP/1.1 400\r\n")
                }
                await server.kill()
                try await connection.send("PING\r\n")
                #expect(await connection.receive(14) == "HTTP/1.1 400\r\n")
                proxy.setMode(.pass)
                try? await connection.send("PING\r\n")
                #expect(await connection.rest() == "")
            }
        }
    }
}
