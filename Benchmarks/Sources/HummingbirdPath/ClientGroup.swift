import Foundation

/// Connections that send a request each and then take the answers, again and again.
///
/// With one connection alone most of the time goes into waking the server's threads for each request.
struct ClientGroup {
    /// What the requests come to.
    struct Rate {
        /// The number of answers per second.
        var perSecond: Double
        /// The seconds of processor time of one request, in the server and the client, kernel included.
        var processorTime: Double
    }

    private let clients: [BlockingClient]

    init(port: Int, count: Int = 16) {
        clients = (0..<count).map { _ in BlockingClient(port: port) }
    }

    /// Sends a request for a while.
    func rate(of request: [UInt8], for duration: Duration) -> Rate {
        let clock = ContinuousClock()
        let start = clock.now
        let used = Self.processorTime
        var count = 0
        var elapsed = Duration.zero
        while elapsed < duration {
            for client in clients { client.send(request) }
            for client in clients { client.receive() }
            count += clients.count
            elapsed = clock.now - start
        }
        return Rate(
            perSecond: Double(count) / (elapsed / .seconds(1)),
            processorTime: (Self.processorTime - used) / Double(count)
        )
    }

    /// What stood before the body of the last answer on each connection.
    var lastHeads: [String] { clients.map(\.lastHead) }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
