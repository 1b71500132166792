import Benchmark
import CacheMiddleware
import ETag
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// The path of a request that is answered from the cache, whole and in its parts.
///
/// Absolute times differ from machine to machine; compare the lines of one run with each other.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput],
        scalingFactor: .kilo,
        maxDuration: .seconds(2)
    )

    let exchange = HitPath.exchange()
    let text = #"{"format": "json", "language": "en", "unique_method_id": "cities.CityView.get"}"#

    Benchmark("MD5 of the three-bit key's JSON") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(MD5.digest(of: text)) }
    }

    Benchmark("key of three bits") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(KeyConstructor.default.synchronousKey(for: exchange)) }
    }

    let five = KeyConstructor.default.adding([
        "query": .queryParameters(["country", "page"]), "headers": .headers(["x-geoip-city"]),
    ])
    let longText =
        #"{"format": "json", "headers": {"x-geoip-city": "Rome"}, "language": "en", "query": {"country": "IT", "#
        + #""page": "2"}, "unique_method_id": "cities.CityView.get"}"#
    Benchmark("MD5 of the five-bit key's JSON") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(MD5.digest(of: longText)) }
    }

    let memoized = KeyConstructor.default.memoizedForRequest()
    Benchmark("key of three bits, memoized") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(memoized.synchronousKey(for: exchange)) }
    }

    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let values = ["unique_method_id": "cities.CityView.get", "format": "json", "language": "en"]
    Benchmark("JSONEncoder, three strings") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try encoder.encode(values)) }
    }

    Benchmark("key of five bits, two query parameters and one header") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(five.synchronousKey(for: exchange)) }
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
        for _ in benchmark.scaledIterations { blackHole(try await handler(HitPath.exchange())) }
    }

    let plain = Pipeline {}.wrap { _ in HitPath.reply() }
    Benchmark("empty pipeline, 10 KiB") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try await plain(HitPath.exchange())) }
    }
}

enum HitPath {
    static let body = ByteBuffer(repeating: 65, count: 10_240)

    static func exchange() -> Exchange {
        var fields: HTTPFields = [.accept: "application/json", .userAgent: "benchmark"]
        fields[HTTPField.Name("X-GeoIP-City")!] = "Rome"
        return Exchange(
            request: HTTPRequest(
                method: .get, scheme: "http", authority: "localhost", path: "/cities?country=IT&page=2",
                headerFields: fields
            ),
            route: Route(view: "cities.CityView", method: "get"),
            language: "en",
            format: "json"
        )
    }

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
