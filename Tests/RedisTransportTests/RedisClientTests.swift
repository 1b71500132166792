import Dispatch
import HTTPPipeline
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import RedisTransport

@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct RedisClientTests {
    @Test func `Concurrent tasks receive their own replies`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client { $0.connectionCount = 3 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<50 {
                    group.addTask {
                        for number in 0..<50 {
                            let key = "key \(task) \(number)"
                            _ = try await client.send(["SET", .text(key), .text(key)], isIdempotent: true)
                            let reply = try await client.send(["GET", .text(key)], isIdempotent: true)
                            #expect(reply == .bytes(ByteBuffer(string: key)))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `Concurrent tasks on event loops receive their own replies`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<10 {
                    let executor = EventLoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
                    group.addTask(executorPreference: executor) {
                        for number in 0..<50 {
                            let text = "\(task) \(number)"
                            let reply = try await client.send(["ECHO", .text(text)], isIdempotent: true)
                            #expect(reply == .bytes(ByteBuffer(string: text)))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `Connections are spread over all event loops`() async throws {
        let eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 3)
        for eventLoop in eventLoopGroup.makeIterator() {
            var settings = RedisClientSettings()
            settings.connectionCount = 4
            let client = try RedisClient(
                url: "redis://127.0.0.1:1/0", settings: settings,
                eventLoopGroup: BiasedGroup(group: eventLoopGroup, eventLoop: eventLoop))
            #expect(client.connections[0].eventLoop === eventLoop)
            #expect(Set(client.connections.dropFirst().map { ObjectIdentifier($0.eventLoop) }).count == 3)
            await client.shutDown()
        }
        try await eventLoopGroup.shutdownGracefully()
    }

    @Test func `Values of several megabytes are sent and received`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client()
            let value = ByteBuffer(bytes: (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            _ = try await client.send(["SET", "key", .bytes(value)], isIdempotent: true)
            #expect(try await client.send(["GET", "key"], isIdempotent: true) == .bytes(value))
        }
    }

    @Test func `Commands are intact after the socket was full`() async throws {
        try await RedisFixture.with { redis in
            // Exceeds the socket buffer with separate writes: pending buffers and new commands must not share storage.
            let count = 4000
            let value: @Sendable (Int) -> String = { String(repeating: "\($0) ", count: 1000) }
            let client = try redis.client { $0.connectionCount = 1 }
            try await client.ping()
            let eventLoop = client.connections[0].eventLoop
            let begun = Mutex(0)
            let begin: @Sendable () -> Void = { begun.withLock { $0 += 1 } }
            redis.server.pause()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<count {
                    group.addTask(executorPreference: EventLoopExecutor(eventLoop)) {
                        begin()
                        let key = RedisCommand.Argument.text("key \(number)")
                        _ = try await client.send(["SET", key, .text(value(number))], isIdempotent: true)
                    }
                }
                try await eventually { begun.withLock { $0 == count } }
                try await eventLoop.submit {}.get()
                redis.server.resume()
                try await group.waitForAll()
            }
            for number in 0..<count {
                let reply = try await client.send(["GET", .text("key \(number)")], isIdempotent: true)
                #expect(reply == .bytes(ByteBuffer(string: value(number))))
            }
        }
    }

    @Test func `An error reply fails only its command`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client { $0.connectionCount = 1 }
            async let pong: Void = client.ping()
            let error = await #expect(throws: RedisError.self) {
                try await client.send(["NO-SUCH-COMMAND"], isIdempotent: true)
            }
            #expect(error?.code == "ERR")
            try await pong
            try await client.ping()
        }
    }

    @Test func `The handshake uses the user, password and database`() async throws {
        try await RedisFixture.with(arguments: ["--requirepass", "se/cret"]) { redis in
            let right = try redis.client(url: "redis://:se%2Fcret@127.0.0.1:\(redis.server.port)/3")
            _ = try await right.send(["SET", "key", "three"], isIdempotent: true)
            _ = try await right.send(
                ["ACL", "SETUSER", "reader", "on", ">word", "+@all", "~*"], isIdempotent: true)
            let user = try redis.client(url: "redis://reader:word@127.0.0.1:\(redis.server.port)/0") {
                $0.connectionCount = 1
            }
            #expect(try await user.send(["GET", "key"], isIdempotent: true) == .null)
            _ = try await user.send(["SELECT", "3"], isIdempotent: true)
            #expect(try await user.send(["GET", "key"], isIdempotent: true) == .bytes(ByteBuffer(string: "three")))
            for wrong in [":wrong@", "", "nobody:word@"] {
                let client = try redis.client(url: "redis://\(wrong)127.0.0.1:\(redis.server.port)/0")
                let error = await #expect(throws: RedisError.self) { try await client.ping() }
                #expect(error?.description.hasPrefix("handshake rejected by server") == true, "\(wrong)")
            }
        }
    }

    @Test func `Unix domain sockets are supported`() async throws {
        try await RedisFixture.with { redis in
            try await redis.client(url: "unix://\(redis.server.unixSocketPath)?db=1").ping()
        }
    }

    @Test func `An unreachable server fails commands until it starts`() async throws {
        try await RedisFixture.with { redis in
            await redis.server.kill()
            let client = try redis.client { $0.connectionCount = 1 }
            for _ in 0..<100 {
                let error = await #expect(throws: RedisError.self) { try await client.ping() }
                #expect(error?.description.hasPrefix("connection failed") == true)
            }
            try await redis.server.restart()
            try await eventually { (try? await client.ping()) != nil }
        }
    }

    @Test func `A missing socket is an unreachable server`() async throws {
        let client = try RedisClient(url: "unix:///tmp/no-such-directory/redis.sock")
        for _ in 0..<3 {
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.description.hasPrefix("connection failed: ") == true)
            #expect(error?.description.contains("No such file or directory") == true)
        }
        await client.shutDown()
    }

    @Test(arguments: [true, false])
    func `All connections back off after a timeout, then recover`(isPaused: Bool) async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            let client = try redis.client(port: proxy.port) {
                $0.commandTimeout = .milliseconds(500)
                $0.connectionCount = 2
            }
            // On a busy machine the first commands may time out too.
            for _ in 0..<2 { try await eventually { (try? await client.ping()) != nil } }
            if isPaused { redis.server.pause() } else { proxy.setMode(.drop) }
            await #expect(throws: RedisError.self) { try await client.ping() }
            // Both connections back off and reject commands.
            try await eventually {
                var isRefused = true
                for _ in 0..<2 {
                    do throws(RedisError) {
                        try await Self.refusedPing(client)
                        isRefused = false
                    } catch {
                        isRefused = isRefused && error != .queueFull
                    }
                }
                return isRefused
            }
            if isPaused { redis.server.resume() } else { proxy.setMode(.pass) }
            try await eventually { (try? await client.ping()) != nil }
            await proxy.stop()
        }
    }

    private static func refusedPing(_ client: RedisClient) async throws(RedisError) {
        do { try await client.ping() } catch let error as RedisError { throw error } catch { throw .unexpectedReply }
    }

    @Test func `An idempotent command is retried after a lost connection`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client { $0.connectionCount = 1 }
            async let popped = client.send(["BLPOP", "list", 0], isIdempotent: true)
            try await eventually { try await redis.server.command("CLIENT", "LIST").contains("cmd=blpop") }
            _ = try await redis.server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            try await eventually { try await redis.server.command("CLIENT", "LIST").contains("cmd=blpop") }
            _ = try await redis.server.command("RPUSH", "list", "value")
            #expect(
                try await popped == .array([.bytes(ByteBuffer(string: "list")), .bytes(ByteBuffer(string: "value"))]))
        }
    }

    @Test func `Other commands are not retried`() async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            let client = try redis.client(port: proxy.port) { $0.connectionCount = 1 }
            // The reply to the handshake has seven bytes, the reply to the command more than one.
            proxy.setMode(.cutAfter(8))
            await #expect(throws: RedisError.connectionLost) {
                try await client.send(["INCR", "count"], isIdempotent: false)
            }
            #expect(try await redis.server.command("GET", "count") == "$1\r\n1\r\n")
            // An idempotent command is sent twice at most.
            await #expect(throws: RedisError.connectionLost) {
                try await client.send(["INCR", "count"], isIdempotent: true)
            }
            #expect(try await redis.server.command("GET", "count") == "$1\r\n3\r\n")
            proxy.setMode(.pass)
            await proxy.disconnectAll()
            try await eventually { (try? await client.ping()) != nil }
            await proxy.stop()
        }
    }

    @Test func `A protocol violation closes the connection`() async throws {
        try await RedisFixture.with { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            proxy.setMode(.garbage("HTTP/1.1 400 Bad Request\r\n\r\n"))
            let client = try redis.client(port: proxy.port) { $0.connectionCount = 1 }
            await #expect(throws: RedisError.self) { try await client.ping() }
            proxy.setMode(.pass)
            try await eventually { (try? await client.ping()) != nil }
            await proxy.stop()
        }
    }

    @Test func `A shutdown waits for outstanding replies`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client { $0.connectionCount = 1 }
            async let popped = client.send(["BLPOP", "list", 0], isIdempotent: true)
            try await eventually { try await redis.server.command("CLIENT", "LIST").contains("cmd=blpop") }
            async let end: Void = client.shutDown()
            _ = try await redis.server.command("RPUSH", "list", "value")
            _ = try await popped
            await end
            await #expect(throws: RedisError.shutDown) { try await client.ping() }
            #expect(try await !redis.server.command("CLIENT", "LIST").contains("cmd=blpop"))
        }
    }

    @Test func `Idle connections are closed and reopened on demand`() async throws {
        try await RedisFixture.with { redis in
            let client = try redis.client {
                $0.connectionCount = 1
                $0.idleTimeout = .milliseconds(20)
            }
            for _ in 0..<3 {
                try await client.ping()
                try await eventually { try await !redis.server.command("CLIENT", "LIST").contains("cmd=ping") }
            }
        }
    }

    @Test func `A released client closes its connections`() async throws {
        try await RedisFixture.with { redis in
            do {
                var settings = RedisClientSettings()
                settings.commandTimeout = .seconds(20)
                let client = try RedisClient(url: redis.server.url, settings: settings)
                try await client.ping()
                #expect(try await redis.server.command("CLIENT", "LIST").contains("cmd=ping"))
            }
            try await eventually { try await !redis.server.command("CLIENT", "LIST").contains("cmd=ping") }
        }
    }
}

#if !RedisTLS
@Suite struct RedisTLSMissingTests {
    @Test func `A TLS URL requires the trait`() {
        #expect(throws: RedisError.tlsMissing) { try RedisClient(url: "rediss://localhost") }
    }
}
#endif

/// A group whose next event loop is always the same.
private final class BiasedGroup: EventLoopGroup {
    private let group: MultiThreadedEventLoopGroup
    private let eventLoop: any EventLoop

    init(group: MultiThreadedEventLoopGroup, eventLoop: any EventLoop) {
        self.group = group
        self.eventLoop = eventLoop
    }

    func next() -> any EventLoop { eventLoop }

    func makeIterator() -> EventLoopIterator { group.makeIterator() }

    func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        group.shutdownGracefully(queue: queue, callback)
    }
}
