import Hummingbird
import ResponseCache
import Synchronization

/// A score, and the key bit that changes with it.
final class Score: KeyBit {
    private let points = Atomic(0)
    func add(_ count: Int) -> String { "\(points.add(count, ordering: .relaxed).newValue)\n" }
    func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.write(add(0)) }
}

@main
struct QuickStart {
    static func main() async throws {
        let score = Score()
        let key = ["view": .uniqueViewID, "score": .custom(score)] as KeyConstructor
        let stack = Pipeline {
            ETagMiddleware(key: key) { $0.rebuildsAfterMethodEvaluation = true }
            CacheResponseMiddleware(.minutes(15), key: key, in: MemoryStore(byteLimit: 64 << 20))
        }
        let router = Router(context: BasicPipelineRequestContext.self)
        router.get("score", use: stack.wrap(as: "Score") { _, _ in score.add(0) })
        router.put("score", use: stack.wrap(as: "Score") { _, _ in score.add(1) })
        try await Application(router: router).runService()
    }
}
