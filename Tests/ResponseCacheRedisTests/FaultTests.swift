import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import ResponseCacheRedis
import Synchronization
import TestSupport
import Testing

/// A service whose server fails and recovers.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct FaultTests {
    /// A kind of failure.
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        case killed, paused, hung, slow, full, halfReply, garbage, closing, wrongPassword, noPermission, wrongTypes

        var testDescription: String { rawValue }
    }

    enum Kind: String, CaseIterable {
        case shared, tiered
    }

    @Test(arguments: Fault.allCases, Kind.allCases)
    func `Requests succeed during an outage, and hits return afterwards`(fault: Fault, kind: Kind) async throws {
        try await RedisFixture.with(arguments: ["--user", "service", "on", ">right", "~*", "&*", "+@all"]) { redis in
            let proxy = try await FaultProxy.start(to: redis.server.port)
            let service = try await Service(redis, port: proxy.port, kind: kind)
            #expect(try await service.text("/0").hasPrefix("/0 run "))
            try await eventually { try await service.isHit("/0") }

            try await begin(fault, redis.server, proxy)
            for _ in 0..<5 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            let path = "/\(number % 8)"
                            let text = try await service.text(path)
                            #expect(text.hasPrefix("\(path) run "))
                        }
                    }
                    try await group.waitForAll()
                }
            }
            if fault == .full { #expect(try await !service.isHit("/new"), "a full server stores nothing") }
            await service.write("/0")

            try await end(fault, redis.server, proxy)
            for path in ["/0", "/1", "/after"] {
                try await eventually { try await service.isHit(path) }
            }
            #expect(try await redis.server.command("DBSIZE") != ":0\r\n", "entries are in the server")
            await proxy.stop()
        }
    }

    private func begin(_ fault: Fault, _ server: RedisServer, _ proxy: FaultProxy) async throws {
        switch fault {
        case .killed: await server.kill()
        case .paused: server.pause()
        case .hung: proxy.setMode(.drop)
        case .slow: proxy.setMode(.delay(.milliseconds(40)))
        case .full:
            _ = try await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
            _ = try await server.command("CONFIG", "SET", "maxmemory", "1")
        case .halfReply: proxy.setMode(.cutAfter(20))
        case .garbage: proxy.setMode(.garbage("-ERR \0\r\n$-7\r\nnonsense"))
        case .closing:
            proxy.setMode(.cutAfter(0))
            await proxy.disconnectAll()
        case .wrongPassword:
            _ = try await server.command("ACL", "SETUSER", "service", "resetpass", ">another")
            await proxy.disconnectAll()
        case .noPermission:
            _ = try await server.command("ACL", "SETUSER", "service", "-@all")
        case .wrongTypes:
            let names = try await server.command("KEYS", "p:*").split(separator: "\r\n").filter { $0.hasPrefix("p:") }
            #expect(names.count > 2)
            for name in names.map(String.init) {
                _ = try await server.command("DEL", name)
                _ = try await server.command("SADD", name, "of another type")
            }
        }
    }

    private func end(_ fault: Fault, _ server: RedisServer, _ proxy: FaultProxy) async throws {
        switch fault {
        case .killed: try await server.restart()
        case .paused: server.resume()
        case .full: _ = try await server.command("CONFIG", "SET", "maxmemory", "0")
        case .wrongPassword: _ = try await server.command("ACL", "SETUSER", "service", "resetpass", ">right")
        case .noPermission: _ = try await server.command("ACL", "SETUSER", "service", "+@all")
        case .wrongTypes: _ = try await server.command("FLUSHALL")
        case .hung, .slow, .halfReply, .garbage, .closing: proxy.setMode(.pass)
        }
    }
}

/// An instance of a service with a cache.
private struct Service {
    private let counter = HandlerCounter()
    private let handler: Handler

    init(_ redis: RedisFixture, port: Int, kind: FaultTests.Kind) async throws {
        let client = try redis.client(url: "redis://service:right@127.0.0.1:\(port)/0") {
            // Short, because only timeouts detect some of the faults; long enough for a busy machine.
            $0.commandTimeout = .milliseconds(500)
            $0.connectTimeout = .seconds(1)
            $0.heartbeatInterval = .milliseconds(50)
        }
        let shared = redis.store(client) { $0.prefix = "p:" }
        let store: any CacheStore
        switch kind {
        case .shared: store = shared
        case .tiered: store = try await redis.tiered(shared)
        }
        var settings = CacheSettings.standard
        settings.breaker = BreakerSettings(failureThreshold: 3, pause: .milliseconds(20))
        settings.storeTimeout = .seconds(1)
        let counter = counter
        handler = Pipeline {
            CacheResponseMiddleware(.minutes(15), key: ["path": .path], in: store) { $0 = settings }
        }.wrap { exchange in
            guard exchange.request.method == .get else { return Reply(status: .noContent) }
            return .testing("\(exchange.request.path ?? "") run \(counter.increment())")
        }
    }

    func text(_ path: String) async throws -> String {
        let reply = try await handler(.testing(.get, path))
        #expect(reply.status == .ok)
        return try await reply.text()
    }

    func isHit(_ path: String) async throws -> Bool {
        let reply = try await handler(.testing(.get, path))
        return reply.headerFields[HTTPField.Name("Cache-Status")!]?.contains("; hit") == true
    }

    func write(_ path: String) async {
        let reply = try? await handler(.testing(.put, path))
        #expect(reply?.status == .noContent)
    }
}
