import CacheMiddleware
import Dispatch
import ETag
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Synchronization
import Workload

/// Runs one measured path a number of times, for tools that count instructions: `hot-path key-3 100000`.
///
/// The entry is synchronous, because callgrind does not follow an asynchronous one.
@main
struct HotPath {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 2, let path = arguments.first.flatMap({ paths[$0] }),
            let iterations = arguments.last.flatMap({ Int($0) }), iterations >= 0
        else {
            print(
                "usage: hot-path PATH ITERATIONS, where PATH is one of \(paths.keys.sorted().joined(separator: ", "))")
            exit(2)
        }
        path(iterations)
    }

    static let memoized = KeyConstructor.default.memoizedForRequest()
    static let asynchronous = KeyConstructor.default.adding(["stamp": .custom(ImmediateKeyBit())])

    static let routeHandler = ResourceHits.route()
    static let resourceHandler = ResourceHits.resource()

    static let paths: [String: @Sendable (Int) -> Void] = [
        "nothing": { _ in },
        "md5": { count in
            for _ in 0..<count { sink(MD5.digest(of: Workload.text)) }
        },
        "md5-5": { count in
            for _ in 0..<count { sink(MD5.digest(of: Workload.longText)) }
        },
        "key-3": { count in
            let exchange = Workload.exchange()
            for _ in 0..<count { sink(KeyConstructor.default.synchronousKey(for: exchange)) }
        },
        "key-5": { count in
            let exchange = Workload.exchange()
            for _ in 0..<count { sink(Workload.fiveBits.synchronousKey(for: exchange)) }
        },
        "memo": { count in
            let exchange = Workload.exchange()
            for _ in 0..<count { sink(memoized.synchronousKey(for: exchange)) }
        },
        "key-4-asynchronous": { count in
            wait {
                let exchange = Workload.exchange()
                for _ in 0..<count { sink(try? await asynchronous.key(for: exchange)) }
            }
        },
        "md5-100": { count in
            for _ in 0..<count { sink(MD5.digest(of: Workload.hundredBytes)) }
        },
        "md5-10k": { count in
            for _ in 0..<count { sink(Workload.json.withUnsafeReadableBytes { MD5.digest(of: $0) }) }
        },
        "preconditions": { count in
            let fields = Workload.conditionalFields()
            for _ in 0..<count { sink(Preconditions(fields).evaluate(method: .get, current: Workload.current)) }
        },
        "pipeline": { count in run(Pipeline {}.wrap { _ in Workload.reply() }, count) },
        "body-tag": { count in run(Workload.bodyTagHandler(), count) },
        "hit": { count in run(Workload.cachedHandler(), count) },
        "route-hit": { count in
            wait { for _ in 0..<count { sink(try? await routeHandler(ResourceHits.exchange("/cities"))) } }
        },
        "resource-hit": { count in
            wait { for _ in 0..<count { sink(try? await resourceHandler(ResourceHits.exchange("/cities"))) } }
        },
        "not-modified": { count in
            wait {
                let handler = Workload.cachedHandler()
                let tag = try? await handler(Workload.exchange()).headerFields[.eTag]
                for _ in 0..<count {
                    var exchange = Workload.exchange()
                    exchange.request.headerFields[.ifNoneMatch] = tag
                    let reply = try? await handler(exchange)
                    precondition(reply?.status == .notModified)
                }
            }
        },
        "gzip": { count in run(Workload.gzipHandler(), count, fields: [.acceptEncoding: "gzip, deflate, br"]) },
        "zlib": { count in
            let gzip = DirectGzip()
            for _ in 0..<count { sink(gzip.compress(Workload.json)) }
        },
        "json-encoder": { count in
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            for _ in 0..<count { sink(try? encoder.encode(Workload.values)) }
        },
        // The reference of a look-up in the store: the same key in a dictionary behind a lock.
        "dictionary": { count in
            let key = CacheKey(digestOf: "key")
            let body = ByteBuffer(repeating: 65, count: 10_240)
            let entry = CacheEntry(status: .ok, body: body, storedAt: SystemTimeSource().now)
            let entries = Mutex([key: Boxed(entry)])
            for _ in 0..<count { sink(entries.withLock { $0[key] }) }
        },
        "memory-store": { count in
            let store = MemoryStore(byteLimit: 64 << 20)
            let key = CacheKey(digestOf: "key")
            let body = ByteBuffer(repeating: 65, count: 10_240)
            store.store(CacheEntry(status: .ok, body: body, storedAt: SystemTimeSource().now), for: key)
            for _ in 0..<count { sink(store.entry(for: key)) }
        },
    ]

    /// Sends a number of requests to a handler.
    static func run(_ handler: @escaping Handler, _ count: Int, fields: HTTPFields = [:]) {
        wait {
            for _ in 0..<count {
                var exchange = Workload.exchange()
                for field in fields { exchange.request.headerFields.append(field) }
                sink(try? await handler(exchange))
            }
        }
    }

    /// Waits for an asynchronous operation.
    static func wait(for work: @escaping @Sendable () async -> Void) {
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            await work()
            done.signal()
        }
        done.wait()
    }

    /// A synchronous bit.
    struct ImmediateKeyBit: AsyncKeyBit {
        func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws { writer.write("2026-11-22") }
    }

    /// An entry behind one reference.
    final class Boxed: Sendable {
        let entry: CacheEntry

        init(_ entry: CacheEntry) {
            self.entry = entry
        }
    }

    /// Prevents the optimizer from removing the computation of a value.
    @inline(never)
    static func sink<Value>(_ value: Value) {}
}
