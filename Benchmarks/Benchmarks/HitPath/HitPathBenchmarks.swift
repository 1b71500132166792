import Benchmark
import CacheMiddleware
import ETag
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Workload

/// The path of a request that is answered from the cache, whole and in its parts.
///
/// Absolute times differ from machine to machine; compare the lines of one run with each other.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput],
        scalingFactor: .kilo,
        maxDuration: .seconds(2)
    )

    let exchange = Workload.exchange()

    Benchmark("MD5 of the three-bit key's JSON") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(MD5.digest(of: Workload.text)) }
    }

    Benchmark("key of three bits") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(KeyConstructor.default.synchronousKey(for: exchange)) }
    }

    Benchmark("key of five bits, two query parameters and one header") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(Workload.fiveBits.synchronousKey(for: exchange)) }
    }

    let store = MemoryStore(byteLimit: 64 << 20)
    let key = CacheKey(digestOf: "key")
    store.store(
        CacheEntry(status: .ok, body: ByteBuffer(repeating: 65, count: 10_240), storedAt: SystemTimeSource().now),
        for: key
    )
    Benchmark("look-up in the memory store") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(store.entry(for: key)) }
    }

    let handler = HitPath.handler()
    Benchmark("hit through entity tag and cache, 10 KiB") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try await handler(Workload.exchange())) }
    }

    let plain = Pipeline {}.wrap { _ in HitPath.reply() }
    Benchmark("empty pipeline, 10 KiB") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try await plain(Workload.exchange())) }
    }
}

enum HitPath {
    static let body = ByteBuffer(repeating: 65, count: 10_240)

    static func reply() -> Reply {
        Reply(status: .ok, headerFields: [.contentType: "application/json"], body: ReplyBody(body))
    }

    static func handler() -> Handler {
        let key = KeyConstructor.safeDefault.memoizedForRequest()
        return Pipeline {
            ETagMiddleware(key: key)
            CacheResponseMiddleware(timeout: .forever, key: key, in: MemoryStore(byteLimit: 64 << 20))
        }.wrap { _ in reply() }
    }
}
