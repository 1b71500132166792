/// The measured routes.
enum ServedPath: String, CaseIterable {
    /// A handler that returns a prepared body, without a pipeline.
    case plain
    /// The handler in a pipeline without middleware.
    case pass
    /// The handler behind a cache with the default key.
    case hit
    /// A handler that returns the body of a resource's list, behind entity tag and cache with a key of the same parts.
    case routeHit = "route-hit"
    /// The list of a resource with conditions and caching.
    case resourceHit = "resource-hit"
    /// A single row of a resource with the middleware of a whole application.
    case stackHit = "stack-hit"
    /// A handler that reads a row with GRDB and encodes it, without a pipeline.
    case routeRow = "route-row"
    /// A single row of a resource without conditions and caching.
    case resourceRow = "resource-row"
    /// The handler of ``plain`` on event loops.
    case onEventLoops = "on-event-loops"
    /// The same on a server that answers hits in the channel, which passes on all requests.
    case passedOn = "passed-on"

    /// The path that this one is compared with.
    var reference: ServedPath {
        switch self {
        case .plain, .pass, .hit, .routeHit, .stackHit, .routeRow, .onEventLoops: .plain
        case .resourceHit: .routeHit
        case .resourceRow: .routeRow
        case .passedOn: .onEventLoops
        }
    }

    /// The maximum ratio of processor time to that of the reference; nil without a limit.
    var limit: Double? {
        switch self {
        case .resourceHit: 1.15
        case .resourceRow: 1.2
        case .passedOn: 1.03
        default: nil
        }
    }

    /// Whether requests after the first one are hits of a cache.
    var isHit: Bool { [.hit, .routeHit, .resourceHit, .stackHit].contains(self) }

    /// What clients send.
    func traffic(_ fields: RequestFields) -> Traffic {
        switch self {
        case .plain, .pass, .hit, .onEventLoops, .passedOn:
            Traffic(requests: [fields.request(for: "/cities?page=2")], ending: Array("]".utf8))
        case .routeHit, .resourceHit:
            Traffic(requests: [fields.request(for: MeasuredList.target)], ending: Array("]}".utf8))
        case .stackHit:
            Traffic(requests: [fields.request(for: MeasuredStack.target)], ending: Array("}".utf8))
        case .routeRow, .resourceRow:
            Traffic(requests: MeasuredRows.targets.map { fields.request(for: $0) }, ending: Array("}".utf8))
        }
    }
}
