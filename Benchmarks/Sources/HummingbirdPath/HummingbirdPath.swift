import CacheMiddleware
import Foundation

/// Sends requests through Hummingbird to one route, for tools that count instructions: `hummingbird-path hit 3000`; or
/// compares two routes by the clock: `hummingbird-path compare 20`.
///
/// The entry is synchronous, because callgrind does not follow an asynchronous one.
@main
struct HummingbirdPath {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard (2...3).contains(arguments.count), let number = Int(arguments[1]), number >= 0,
            let fields = arguments.count == 3 ? RequestFields(rawValue: arguments[2]) : .browser
        else { return usage() }
        if arguments[0] == "compare" {
            compare(seconds: number, fields: fields)
        } else if let path = ServedPath(rawValue: arguments[0]) {
            count(path, requests: number, fields: fields)
        } else {
            usage()
        }
    }

    private static func usage() {
        let paths = ServedPath.allCases.map(\.rawValue).joined(separator: ", ")
        let fields = RequestFields.allCases.map(\.rawValue).joined(separator: " or ")
        print("usage: hummingbird-path PATH REQUESTS [\(fields)], where PATH is one of \(paths)")
        print("       hummingbird-path compare SECONDS [\(fields)]")
        exit(2)
    }

    private static func count(_ path: ServedPath, requests: Int, fields: RequestFields) {
        let client = BlockingClient(port: PathServer.start(path))
        let request = fields.request
        for _ in 0..<requests {
            client.send(request)
            client.receive()
        }
        print("\(path.rawValue): \(requests) requests, \(client.lastHead.count) bytes of head")
        precondition(requests < 2 || path != .hit || client.lastHead.contains("ResponseCache; hit"))
        exit(0)
    }

    /// Prints requests per second and processor time per request, and how the routes compare: the medians of rounds of a quarter
    /// of a second.
    ///
    /// The routes take turns, so that whatever else the machine does meets all alike. On a machine that does a lot else only the
    /// processor time says something.
    private static func compare(seconds: Int, fields: RequestFields) {
        let request = fields.request
        let clients = ServedPath.allCases.map { ClientGroup(port: PathServer.start($0)) }
        for client in clients { _ = client.rate(of: request, for: .milliseconds(500)) }
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var rates: [[ClientGroup.Rate]] = clients.map { _ in [] }
        while clock.now < end {
            for (index, client) in clients.enumerated() {
                rates[index].append(client.rate(of: request, for: .milliseconds(250)))
            }
        }
        for (path, rates) in zip(ServedPath.allCases, rates) {
            let microseconds = median(rates.map(\.processorTime)) * 1_000_000
            print(
                "\(path.rawValue): \(Int(median(rates.map(\.perSecond)))) requests per second,",
                "\((microseconds * 10).rounded() / 10) microseconds of processor time each")
        }
        for (path, others) in zip(ServedPath.allCases, rates).dropFirst() {
            let pairs = zip(others, rates[0])
            let speed = median(pairs.map { $0.perSecond / $1.perSecond })
            let time = median(pairs.map { $0.processorTime / $1.processorTime })
            print("\(path.rawValue) / plain: \(rounded(speed)) of the requests, \(rounded(time)) of the processor time")
        }
        exit(0)
    }

    private static func rounded(_ ratio: Double) -> Double { (ratio * 1000).rounded() / 1000 }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
