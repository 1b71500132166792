import HTTPPipeline
import HTTPTypes
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The counters of a cache's outcomes for each route.
///
/// Counting is on the path of every hit. Each thread counts in the part that its number selects, as in ``MemoryStore``, and finds
/// its counters among those of recent routes.
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
        part(ThreadNumber.current).pointee.counts.withLock { counts in
            let recent = exchange.withRouteBytes { counts.recentIndex(of: $0) }
            counts.increment(outcome, at: recent >= 0 ? recent : find(exchange, in: &counts))
        }
    }

    /// Returns the index of a request's route, for counts without a request.
    func index(of exchange: Exchange) -> Int {
        part(ThreadNumber.current).pointee.counts.withLock { find(exchange, in: &$0) }
    }

    /// Counts the outcome of requests to the route with an index.
    func count(_ outcome: CacheObserver.Outcome, at index: Int, by requests: Int) {
        part(ThreadNumber.current).pointee.counts.withLock { $0.increment(outcome, at: index, by: requests) }
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

    /// Returns the index of a request's route, which is counted from now on if there is room.
    @inline(never)
    private func find(_ exchange: Exchange, in counts: inout Counts) -> Int {
        let route = exchange.route
        if route.template == nil, route.isPath(of: exchange) { return Subjects.unrouted }
        let identity = RouteIdentity(route)
        let index = counts.indices[identity] ?? subjects.withLock { $0.index(of: route, identity) }
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
        private var recent: [(route: Route, index: Int)] = []

        /// The number of recent routes, a power of two.
        private static let recentCount = 16

        /// Returns the index of a route that was counted recently, and -1 for another one.
        ///
        /// The bytes are those of the route itself, not of texts that it refers to: the requests of a route usually share the
        /// router's texts, and a route in `recent` keeps its own alive. Other equal routes are found by `find`.
        @inline(__always)
        func recentIndex(of bytes: UnsafeRawBufferPointer) -> Int {
            let slot = Self.slot(of: bytes)
            return recent.withUnsafeBufferPointer { recent in
                guard slot < recent.count, let known = recent.baseAddress else { return -1 }
                let isKnown = memcmp(known + slot, bytes.baseAddress!, MemoryLayout<Route>.size) == 0
                return isKnown ? known[slot].index : -1
            }
        }

        mutating func remember(_ route: Route, at index: Int) {
            if recent.isEmpty {
                recent = .init(repeating: (Route(view: "", method: ""), Subjects.other), count: Self.recentCount)
            }
            recent[withUnsafeBytes(of: route) { Self.slot(of: $0) }] = (route, index)
        }

        @inline(__always)
        mutating func increment(_ outcome: CacheObserver.Outcome, at index: Int, by requests: Int = 1) {
            let width = CacheObserver.Outcome.count
            if numbers.count <= index * width { grow(to: (index + 1) * width) }
            numbers[index * width + outcome.position] &+= requests
        }

        @inline(never)
        private mutating func grow(to count: Int) {
            numbers += repeatElement(0, count: count - numbers.count)
        }

        /// Returns the position of a route, from the first 16 bytes, which are those of the view.
        @inline(__always)
        private static func slot(of bytes: UnsafeRawBufferPointer) -> Int {
            let bits = bytes.loadUnaligned(as: UInt64.self) ^ bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            return Int(truncatingIfNeeded: (bits &* 0x9E37_79B9_7F4A_7C15) >> 60)
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
}
