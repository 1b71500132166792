import Foundation

/// Connections that repeatedly send one request each and then receive the responses.
///
/// With a single connection, waking up the server's threads for each request dominates.
struct ClientGroup {
    /// The results of a measurement.
    struct Rate {
        /// The number of responses per second.
        var perSecond: Double
        /// The seconds of processor time of one request, in the server and the client, kernel included.
        var processorTime: Double
    }

    private let clients: [BlockingClient]

    init(port: Int, traffic: Traffic, count: Int = 16) {
        clients = (0..<count).map { _ in BlockingClient(port: port, traffic: traffic) }
    }

    /// Sends requests for a duration.
    func rate(for duration: Duration) -> Rate {
        let clock = ContinuousClock()
        let start = clock.now
        let used = Self.processorTime
        var count = 0
        var elapsed = Duration.zero
        while elapsed < duration {
            for client in clients { client.send() }
            for client in clients { client.receive() }
            count += clients.count
            elapsed = clock.now - start
        }
        return Rate(
            perSecond: Double(count) / (elapsed / .seconds(1)),
            processorTime: (Self.processorTime - used) / Double(count)
        )
    }

    /// The head of the last response on each connection.
    var lastHeads: [String] { clients.map(\.lastHead) }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
