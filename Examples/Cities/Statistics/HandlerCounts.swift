import Synchronization

/// The number of runs of each handler since the start.
final class HandlerCounts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// The number of runs by the handler's name, for example `CityView.get`.
    var all: [String: Int] {
        counts.withLock { $0 }
    }

    /// Counts one run.
    func count(_ handler: String) {
        counts.withLock { $0[handler, default: 0] += 1 }
    }
}
