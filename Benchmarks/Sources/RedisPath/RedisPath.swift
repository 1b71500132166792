import CacheMiddleware
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import NIOPosix
import ResponseCacheRedis

/// Looks up entries of 1 KiB through ``RedisStore`` and prints the number per second, for `compare-redis`, which runs
/// redis-benchmark with the same server.
///
/// ```
/// redis-path get|look-up|hit URL TASKS SECONDS [CONNECTIONS] [loops]
/// redis-path tiered URL SECONDS     the cost of a hit in memory, with and without a server behind it
/// redis-path faults URL SECONDS [loops]     the durations of requests, for `fault-latency`, which pauses and stops the server
/// ```
@main
struct RedisPath {
    static func main() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "tiered", arguments.count == 3, let seconds = Double(arguments[2]) {
            try await TieredHits(url: arguments[1], seconds: seconds).run()
            return
        }
        let runsOnLoops = arguments.last == "loops"
        if runsOnLoops { arguments.removeLast() }
        if arguments.first == "faults", arguments.count == 3, let seconds = Double(arguments[2]) {
            try await FaultLatency(url: arguments[1], seconds: seconds, runsOnLoops: runsOnLoops).run()
            return
        }
        if arguments.count == 4 { arguments.append("2") }
        guard arguments.count == 5, let tasks = Int(arguments[2]), let seconds = Double(arguments[3]),
            let connections = Int(arguments[4])
        else {
            print(
                "redis-path get|look-up|hit URL TASKS SECONDS [CONNECTIONS] [loops], redis-path tiered URL SECONDS,",
                "or redis-path faults URL SECONDS [loops]"
            )
            exit(2)
        }
        var settings = RedisClientSettings()
        settings.connectionCount = connections
        settings.commandTimeout = .seconds(10)
        let client = try RedisClient(url: arguments[1], settings: settings)
        let store = RedisStore(client)
        let keys = (0..<100).map { CacheKey(digestOf: "key \($0)") }
        for key in keys { try await store.store(.kibibyte, for: key, unlessPurgedSince: nil) }
        let names = keys.map { "response-cache:entry:\($0)" }
        let handler = cachedHandler(of: store)
        let kind = arguments[0]
        let operation: @Sendable (Int) async throws -> Void = { number in
            let index = number % keys.count
            switch kind {
            case "get":
                let value = try await client.send(["GET", .text(names[index])], isIdempotent: true)
                guard case .bytes(let bytes) = value, bytes.readableBytes > 1024 else {
                    preconditionFailure("every key has a value")
                }
            case "look-up":
                let entry = try await store.entry(for: keys[index])
                precondition(entry?.body.readableBytes == 1024, "every look-up finds its entry")
            default:
                let request = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/\(index)")
                let reply = try await handler(Exchange(request: request))
                precondition(reply.body.contentLength == 1024, "every request has a response")
            }
        }
        // Warms up each connection.
        _ = try await rate(of: operation, tasks: tasks, seconds: 0.2, onLoops: runsOnLoops)
        print(Int(try await rate(of: operation, tasks: tasks, seconds: seconds, onLoops: runsOnLoops)))
        await client.shutDown()
    }

    /// A handler behind a cache, which serves hits after the first request.
    private static func cachedHandler(of store: RedisStore) -> Handler {
        var settings = CacheSettings.standard
        // Equal to the client's timeout, as by default.
        settings.storeTimeout = .seconds(10)
        return Pipeline {
            CacheResponseMiddleware(.hours(1), key: ["path": .path], in: store) { $0 = settings }
        }.wrap { _ in Reply(status: .ok, body: ReplyBody(ByteBuffer(repeating: 65, count: 1024))) }
    }

    /// Returns the number of operations per second of a number of tasks.
    private static func rate(
        of operation: @escaping @Sendable (Int) async throws -> Void, tasks: Int, seconds: Double, onLoops: Bool
    ) async throws -> Double {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                let body: @Sendable () async throws -> Int = {
                    var count = 0
                    while count % 32 != 0 || ContinuousClock.now < end {
                        try await operation(task + count)
                        count += 1
                    }
                    return count
                }
                if onLoops {
                    let executor = EventLoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
                    group.addTask(executorPreference: executor, operation: body)
                } else {
                    // No preference at all: even a nil preference costs a check at each resumption.
                    group.addTask(operation: body)
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    }
}

extension CacheEntry {
    /// A response of 1 KiB, like that of an API.
    static let kibibyte = CacheEntry(
        status: .ok, headerFields: [.contentType: "application/json", .eTag: "\"0123456789abcdef\""],
        body: ByteBuffer(repeating: 65, count: 1024), storedAt: SystemTimeSource().now
    ) {
        $0.expiresAt = SystemTimeSource().now + .seconds(3600)
        $0.tags = ["cities"]
        $0.path = "/cities/7"
    }
}
