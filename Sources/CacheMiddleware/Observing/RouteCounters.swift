import HTTPPipeline
import HTTPTypes
import Synchronization

/// The counters of a cache's outcomes for each route.
///
/// Counting is on the path of every hit. Each thread counts in the part that its number selects, as in ``MemoryStore``, and finds
/// its counters by comparing the route with recent ones.
///
/// `@unchecked` only because of the pointer: the parts are `Sendable`, and do not move while this object exists.
final class RouteCounters: @unchecked Sendable {
    /// What one line of figures is about.
    enum Subject: Sendable, Hashable {
        case route(Route)
        /// Requests that no router has matched, whose route is their path: clients determine the number of these.
        case unrouted
        /// All routes after the first ``RouteCounters/routeLimit``.
        case other
    }

    /// The maximum number of routes with counters.
    static let routeLimit = 1000

    private static let cacheLine = 64
    private static let stride = (MemoryLayout<Part>.size + cacheLine - 1) / cacheLine * cacheLine

    private let subjects = Mutex(Subjects())
    /// The parts, each on a separate cache line.
    private let parts: UnsafeMutableRawPointer
    /// The number of parts, a power of two, minus one.
    private let mask: Int

    init() {
        mask = ThreadNumber.lockCount - 1
        parts = .allocate(byteCount: ThreadNumber.lockCount * Self.stride, alignment: Self.cacheLine)
        for number in 0...mask {
            (parts + number * Self.stride).initializeMemory(as: Part.self, to: Part())
        }
    }

    deinit {
        for number in 0...mask { part(number).deinitialize(count: 1) }
        parts.deallocate()
    }

    /// Counts the outcome of a request.
    func count(_ outcome: CacheObserver.Outcome, _ exchange: Exchange) {
        let route = exchange.route
        let isUnrouted = route.template == nil && route.isPath(of: exchange)
        part(ThreadNumber.current).pointee.counts.withLock { counts in
            let index = isUnrouted ? Subjects.unrouted : counts.recentIndex(of: route) ?? find(route, in: &counts)
            counts.increment(outcome, at: index)
        }
    }

    /// The counted subjects.
    var counted: [Subject] { figures.map(\.subject) }

    /// The counted subjects with the number of each outcome, in the order of `CacheObserver.Outcome.allCases`.
    var figures: [(subject: Subject, counts: [Int])] {
        let width = CacheObserver.Outcome.count
        let all = subjects.withLock { $0.all }
        var sums = [Int](repeating: 0, count: all.count * width)
        for number in 0...mask {
            part(number).pointee.counts.withLock { counts in
                // Routes that were counted since are left out.
                for index in 0..<min(sums.count, counts.numbers.count) { sums[index] &+= counts.numbers[index] }
            }
        }
        return all.indices.compactMap { index in
            let counts = sums[index * width..<(index + 1) * width]
            return counts.allSatisfy { $0 == 0 } ? nil : (all[index], Array(counts))
        }
    }

    @inline(never)
    private func find(_ route: Route, in counts: inout Counts) -> Int {
        let identity = RouteIdentity(route)
        if let index = counts.indices[identity] {
            counts.remember(route, at: index)
            return index
        }
        let index = subjects.withLock { $0.index(of: route, identity) }
        // Otherwise every new route after the limit would need memory.
        if index != Subjects.other {
            counts.indices[identity] = index
            counts.remember(route, at: index)
        }
        return index
    }

    @inline(__always)
    private func part(_ number: Int) -> UnsafeMutablePointer<Part> {
        (parts + (number & mask) * Self.stride).assumingMemoryBound(to: Part.self)
    }
}

extension RouteCounters {
    /// All subjects of a cache.
    private struct Subjects {
        static let other = 0
        static let unrouted = 1

        private(set) var all: [Subject] = [.other, .unrouted]
        private var indices: [RouteIdentity: Int] = [:]

        /// Returns the index of a route, which is added if there is room.
        mutating func index(of route: Route, _ identity: RouteIdentity) -> Int {
            if let index = indices[identity] { return index }
            guard indices.count < RouteCounters.routeLimit else { return Self.other }
            indices[identity] = all.count
            all.append(.route(route))
            return all.count - 1
        }
    }

    private struct Part: ~Copyable, Sendable {
        let counts = Mutex(Counts())
    }

    /// The counts of a group of threads.
    private struct Counts {
        /// The number of each outcome of each subject.
        private(set) var numbers: [Int] = []
        var indices: [RouteIdentity: Int] = [:]
        private var recent: [(route: Route, index: Int)?] = []

        /// The number of recent routes, a power of two.
        private static let recentCount = 16

        /// Returns the index of a route that was counted recently.
        @inline(__always)
        func recentIndex(of route: Route) -> Int? {
            let slot = Self.slot(of: route)
            guard slot < recent.count, let known = recent[slot], known.route.isEqual(to: route) else { return nil }
            return known.index
        }

        mutating func remember(_ route: Route, at index: Int) {
            // Comparing other texts takes quadratic time in the worst case.
            guard route.isASCII else { return }
            if recent.isEmpty { recent = .init(repeating: nil, count: Self.recentCount) }
            recent[Self.slot(of: route)] = (route, index)
        }

        @inline(__always)
        mutating func increment(_ outcome: CacheObserver.Outcome, at index: Int) {
            let width = CacheObserver.Outcome.count
            if numbers.count <= index * width { grow(to: (index + 1) * width) }
            numbers[index * width + outcome.position] &+= 1
        }

        @inline(never)
        private mutating func grow(to count: Int) {
            numbers += repeatElement(0, count: count - numbers.count)
        }

        @inline(__always)
        private static func slot(of route: Route) -> Int {
            (route.view.utf8.count &* 5 &+ route.method.utf8.count) & (recentCount - 1)
        }
    }
}

/// The bytes of a route.
private struct RouteIdentity: Hashable {
    private let view: ByteText
    private let method: ByteText
    private let template: ByteText?

    init(_ route: Route) {
        view = ByteText(route.view)
        method = ByteText(route.method)
        template = route.template.map { ByteText($0) }
    }
}

extension Route {
    /// Whether the view is the path of a request that has not been routed.
    fileprivate func isPath(of exchange: Exchange) -> Bool {
        let target = exchange.request.path ?? ""
        guard target.hasBytes(of: view, at: 0) else { return false }
        let rest = target.utf8.dropFirst(view.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "?")
    }

    fileprivate var isASCII: Bool {
        [view, method, template ?? ""].allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
    }

    /// Whether a route in ASCII equals another one. Swift's comparison, which is fast for texts in the same memory, distinguishes
    /// two texts of equal length of which one is ASCII.
    @inline(__always)
    fileprivate func isEqual(to other: Route) -> Bool {
        guard view.utf8.count == other.view.utf8.count, view == other.view,
            method.utf8.count == other.method.utf8.count, method == other.method
        else { return false }
        guard let template, let otherTemplate = other.template else { return template == nil && other.template == nil }
        return template.utf8.count == otherTemplate.utf8.count && template == otherTemplate
    }
}
