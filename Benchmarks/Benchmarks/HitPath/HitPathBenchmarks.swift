import Benchmark
import CacheMiddleware
import ETag
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Workload

/// The path of a cache hit, as a whole and in parts.
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

    let handler = Workload.cachedHandler()
    Benchmark("hit through entity tag and cache, 10 KiB") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try await handler(Workload.exchange())) }
    }

    Benchmark("304 in place of that hit") { benchmark in
        let tag = try await handler(Workload.exchange()).headerFields[.eTag]
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            var exchange = Workload.exchange()
            exchange.request.headerFields[.ifNoneMatch] = tag
            blackHole(try await handler(exchange))
        }
    }

    let plain = Pipeline {}.wrap { _ in Workload.reply() }
    Benchmark("empty pipeline, 10 KiB") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try await plain(Workload.exchange())) }
    }

    Benchmark("MD5 of 100 bytes") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(MD5.digest(of: Workload.hundredBytes)) }
    }

    let fields = Workload.conditionalFields()
    Benchmark("preconditions with a list of ten tags") { benchmark in
        for _ in benchmark.scaledIterations {
            blackHole(Preconditions(fields).evaluate(method: .get, current: Workload.current))
        }
    }

    Benchmark("MD5 of 10 KiB") { benchmark in
        for _ in benchmark.scaledIterations {
            blackHole(Workload.json.withUnsafeReadableBytes { MD5.digest(of: $0) })
        }
    }

    let bodyTag = Workload.bodyTagHandler()
    Benchmark("entity tag of a body of 10 KiB") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try await bodyTag(Workload.exchange())) }
    }

    Benchmark("zlib with a stream used again, 10 KiB of JSON") { benchmark in
        let gzip = DirectGzip()
        for _ in benchmark.scaledIterations { blackHole(gzip.compress(Workload.json)) }
    }

    let gzip = Workload.gzipHandler()
    Benchmark("gzip through the middleware, 10 KiB of JSON") { benchmark in
        for _ in benchmark.scaledIterations {
            var exchange = Workload.exchange()
            exchange.request.headerFields[.acceptEncoding] = "gzip, deflate, br"
            blackHole(try await gzip(exchange))
        }
    }
}
