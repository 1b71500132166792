import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Synchronization

/// Reads the data through a cache, and uses the responses of its hits again as the adapter of a server does below the framework.
final class ReusedResponses: Sendable {
    private struct Kept {
        let recorded: HitRecorder.Recorded
        let version: Int
    }

    private let kept = Mutex<[Int: Kept]>([:])
    private let uses = Atomic(0)
    private let pipeline: Pipeline
    private let current: @Sendable (Int) async throws -> Int

    private static let constructor: KeyConstructor = ["path": .path]

    /// Creates a cache.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - current: Returns the current version of the data with a number.
    init(in store: any CacheStore, current: @escaping @Sendable (Int) async throws -> Int) {
        self.current = current
        pipeline = Pipeline([
            CacheResponseMiddleware(.seconds(60), key: Self.constructor, in: store) {
                $0.answersBelowFramework = true
                $0.tags = CacheTags.none.adding { exchange, _ in
                    ["all", "tag \(exchange.request.path?.split(separator: "/").last ?? "")"]
                }
            }
        ])
    }

    /// The number of responses that were used again.
    var useCount: Int { uses.load(ordering: .relaxed) }

    /// Returns the key of the data with a number.
    static func key(_ number: Int) -> CacheKey? { constructor.synchronousKey(for: exchange(number)) }

    private static func exchange(_ number: Int) -> Exchange {
        Exchange(request: HTTPRequest(method: .get, scheme: "http", authority: "races", path: "/data/\(number)"))
    }

    /// Returns the version in the response to a request for the data with a number.
    func version(of number: Int) async throws -> Int {
        if let kept = kept.withLock({ $0[number] }) {
            if kept.recorded.stamps.allSatisfy(\.isCurrent), case .usable = kept.recorded.hit.use() {
                uses.add(1, ordering: .relaxed)
                return kept.version
            }
            self.kept.withLock { $0[number] = nil }
        }
        let recorder = HitRecorder()
        recorder.start("/data/\(number)")
        let current = current
        let reply = try await HitRecorder.$bound.withValue(recorder) {
            try await pipeline.respond(to: Self.exchange(number)) { _ in
                Reply(status: .ok, body: ReplyBody(ByteBuffer(string: "\(try await current(number))")))
            }
        }
        var version = -1
        if case .buffer(let body) = reply.body.content { version = Int(String(buffer: body)) ?? -1 }
        if case .success(let recorded) = recorder.finish() {
            kept.withLock { $0[number] = Kept(recorded: recorded, version: version) }
        }
        return version
    }
}
