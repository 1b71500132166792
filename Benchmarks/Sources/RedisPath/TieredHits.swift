import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import ResponseCacheRedis

/// Hits through the whole cache of a memory store and of a tiered store, in turn.
struct TieredHits {
    let url: String
    let seconds: Double

    func run() async throws {
        let client = try RedisClient(url: url)
        let tiered = TieredStore(memory: MemoryStore(byteLimit: 64 << 20), shared: RedisStore(client))
        let service = Task { await tiered.run() }
        while !tiered.isHearingChanges { try await Task.sleep(for: .milliseconds(5)) }
        let paths = [pipeline(MemoryStore(byteLimit: 64 << 20)), pipeline(tiered)]
        var ratios: [Double] = []
        for _ in 0..<11 {
            var times: [Double] = []
            for path in paths { times.append(try await time(path)) }
            ratios.append(times[1] / times[0])
        }
        ratios.sort()
        print("a hit in the memory of a tiered store, compared with a MemoryStore: median \(ratios[5]), all \(ratios)")
        service.cancel()
        await client.shutDown()
    }

    private func pipeline(_ store: any CacheStore) -> Pipeline {
        Pipeline { CacheResponseMiddleware(.minutes(15), key: ["path": .path], in: store) }
    }

    /// Returns the seconds per hit.
    private func time(_ pipeline: Pipeline) async throws -> Double {
        let request = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/cities/7")
        let body = ByteBuffer(repeating: 65, count: 1024)
        let handler = pipeline.wrap { _ in
            Reply(status: .ok, headerFields: [.contentType: "text/plain"], body: ReplyBody(body))
        }
        func once() async throws -> Reply { try await handler(Exchange(request: request)) }
        // Stores the entry, and loads it from the server into memory.
        for _ in 0..<3 { _ = try await once() }
        let start = ContinuousClock.now
        let end = start + .seconds(seconds / 22)
        var count = 0
        while count % 1024 != 0 || ContinuousClock.now < end {
            let reply = try await once()
            precondition(reply.headerFields[.cacheStatus]?.contains("hit") == true, "every request is a hit")
            count += 1
        }
        return (ContinuousClock.now - start) / .seconds(1) / Double(count)
    }
}

extension HTTPField.Name {
    fileprivate static let cacheStatus = HTTPField.Name("Cache-Status")!
}
