import CacheMiddleware
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import NIOPosix
import ResponseCacheRedis
import Synchronization

/// Sends requests through the cache for some time and prints their durations for each half second, while a script
/// pauses or stops the server.
struct FaultLatency {
    let url: String
    let seconds: Double
    /// Whether requests run on event loops, as with the server `onEventLoops()`.
    let runsOnLoops: Bool

    func run() async throws {
        let client = try RedisClient(url: url)
        let handler = Pipeline {
            CacheResponseMiddleware(.seconds(1), key: ["path": .path], in: RedisStore(client))
        }.wrap { _ in Reply(status: .ok, body: ReplyBody(ByteBuffer(repeating: 65, count: 1024))) }
        let samples = Samples()
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                let body: @Sendable () async throws -> Void = {
                    var number = task
                    while ContinuousClock.now < end {
                        let request = HTTPRequest(
                            method: .get, scheme: "http", authority: "localhost", path: "/\(number % 500)")
                        number += 7
                        let begin = ContinuousClock.now
                        let reply = try await handler(Exchange(request: request))
                        let time = ContinuousClock.now - begin
                        precondition(reply.status == .ok, "every request succeeds")
                        let window = Int((begin - start) / .milliseconds(500))
                        let isHit = reply.headerFields[HTTPField.Name("Cache-Status")!]?.contains("hit") == true
                        samples.add(time, isHit: isHit, to: window)
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
                if runsOnLoops {
                    let executor = EventLoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
                    group.addTask(executorPreference: executor, operation: body)
                } else {
                    group.addTask(operation: body)
                }
            }
            try await group.waitForAll()
        }
        samples.printAll()
        await client.shutDown()
    }
}

/// The durations and hits of requests for each half second.
private final class Samples: Sendable {
    private struct Window {
        var times: [Duration] = []
        var hitCount = 0
    }

    private let windows = Mutex<[Window]>([])

    func add(_ time: Duration, isHit: Bool, to number: Int) {
        windows.withLock { windows in
            while windows.count <= number { windows.append(Window()) }
            windows[number].times.append(time)
            windows[number].hitCount += isHit ? 1 : 0
        }
    }

    func printAll() {
        for (number, window) in windows.withLock({ $0 }).enumerated() where !window.times.isEmpty {
            let sorted = window.times.sorted().map { $0 / .milliseconds(1) }
            func at(_ part: Double) -> Double { sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))] }
            let hitPart = 100 * Double(window.hitCount) / Double(sorted.count)
            print(
                String(
                    format: "%5.1f s: median %7.2f, p99 %7.2f, maximum %7.2f ms; %3.0f %% hits of %d",
                    Double(number) / 2,
                    at(0.5), at(0.99), at(1), hitPart, sorted.count))
        }
    }
}
