public import HTTPPipeline
import KeyConstructor
import Synchronization

/// The requests that caches have handled, for each route, with any store.
///
/// Caches with the same ``CacheRuntime`` report to one activity, and ``CacheAdministration`` shows it. It counts in the memory of
/// the process: other instances of a service have their own figures, and a restart resets them.
public final class CacheActivity: Sendable {
    private struct Member {
        weak var cache: CacheRecord?
    }

    /// The figures of hits that were answered below the framework.
    package let reuse = ReuseFigures()
    private let members = Mutex<[Member]>([])

    /// Creates an activity without caches.
    public init() {}

    /// The figures of all routes that had a request, by cache, name and method.
    ///
    /// Caches with the same name are counted together. Each cache counts up to 1,000 routes separately.
    ///
    /// - Complexity: O(number of routes), times the number of processors.
    public var routes: [RouteFigures] {
        var merged: [RouteFigures.ID: [Int]] = [:]
        for cache in caches {
            for (subject, counts) in cache.counters.figures {
                let id = RouteFigures.ID(cache: cache.name, subject: subject)
                merged[id] = merged[id].map { zip($0, counts).map(+) } ?? counts
            }
        }
        return merged.map { RouteFigures(id: $0.key, counts: $0.value) }.sorted { $0.order < $1.order }
    }

    /// The caches that exist, in the order of their creation.
    var caches: [CacheRecord] { members.withLock { $0.compactMap(\.cache) } }

    /// Adds a cache, which is removed when it ceases to exist.
    func register(_ cache: CacheRecord) {
        members.withLock { members in
            members.removeAll { $0.cache == nil }
            members.append(Member(cache: cache))
        }
    }
}

/// The parts of a cache from which its keys are explained.
final class CacheRecord: Sendable {
    let name: String
    let rules: any CachingRules
    let store: any CacheStore
    let counters: RouteCounters

    init(name: String, rules: any CachingRules, store: any CacheStore, counters: RouteCounters) {
        self.name = name
        self.rules = rules
        self.store = store
        self.counters = counters
    }
}

/// The number of requests that a cache has handled on one route, by outcome.
public struct RouteFigures: Sendable, Hashable {
    struct ID: Sendable, Hashable {
        let cache: String
        let subject: RouteCounters.Subject
    }

    private let id: ID
    private let counts: [Int]

    init(id: ID, counts: [Int]) {
        self.id = id
        self.counts = counts
    }

    /// The name of the cache: ``CacheSettings/name``.
    public var cache: String { id.cache }

    /// The name of the route: its view; `unrouted` for all requests to a pipeline in front of the router, and `other` for the
    /// routes after the first 1,000 of a cache.
    public var name: String { id.subject.name }

    /// The route, or nil for unrouted requests and other routes.
    public var route: Route? {
        if case .route(let route) = id.subject { route } else { nil }
    }

    /// The numbers by outcome, as in the metric `response_cache_requests_total`: `hit`, `stale`, `miss`, `collapsed`, `bypass`,
    /// `method` and `request`.
    public var outcomes: [String: Int] {
        Dictionary(uniqueKeysWithValues: zip(CacheObserver.Outcome.allCases.map(\.rawValue), counts))
    }

    /// The number of requests.
    public var requestCount: Int { counts.reduce(0, +) }

    /// The fraction of GET and HEAD requests with a response from the cache: hit, stale or collapsed. nil without such requests.
    public var hitRatio: Double? { Self.hitRatio(counts) }

    /// Returns the hit ratio of counts in the order of the outcomes.
    static func hitRatio(_ counts: [Int]) -> Double? {
        var (served, reads) = (0, 0)
        for (outcome, count) in zip(CacheObserver.Outcome.allCases, counts) {
            switch outcome {
            case .hit, .stale, .collapsed: (served, reads) = (served + count, reads + count)
            case .miss, .bypass, .request: reads += count
            case .method: break
            }
        }
        return reads > 0 ? Double(served) / Double(reads) : nil
    }

    /// The position among the figures of an activity.
    fileprivate var order: (String, String, String, String) {
        (cache, name, route?.method ?? "", route?.template ?? "")
    }

    /// The numbers of all outcomes, for a sum over routes.
    var numbers: [Int] { counts }
}

extension RouteCounters.Subject {
    /// The name of the route, or of the group of requests.
    var name: String {
        switch self {
        case .route(let route): route.view
        case .unrouted: "unrouted"
        case .other: "other"
        }
    }
}
