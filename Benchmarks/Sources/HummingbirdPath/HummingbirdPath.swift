import CacheMiddleware
import Foundation

/// Sends requests through Hummingbird to one route, for tools that count instructions: `hummingbird-path hit 3000`; compares
/// the routes by time: `hummingbird-path compare 20`; compares requests that pass the handler of hits in the channel with those of a server
/// without it: `hummingbird-path channel-hits 20 curl`; compares resources with routes by hand: `hummingbird-path resources 20`, which
/// fails above a limit with `--check`; compares tasks on event loops with those on Swift's global pool:
/// `hummingbird-path event-loops 20 redis://127.0.0.1:6379/0`; or serves bodies of two sizes: `hummingbird-path serve 500 10240`.
///
/// The entry is synchronous, because callgrind does not follow an asynchronous one.
@main
struct HummingbirdPath {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard (2...3).contains(arguments.count), let number = Int(arguments[1]), number >= 0 else { return usage() }
        if arguments[0] == "event-loops" {
            try compareExecutors(seconds: number, redisURL: arguments.count == 3 ? arguments[2] : nil)
            exit(0)
        }
        if ["serve", "serve-on-event-loops"].contains(arguments[0]) {
            guard let large = arguments.last.flatMap({ Int($0) }), large >= 0 else { return usage() }
            serve(
                PlainServer(
                    smallByteCount: number, largeByteCount: large, runsOnEventLoops: arguments[0] != "serve"))
        }
        if arguments[0] == "resources" {
            try compare(
                [.routeHit, .resourceHit, .routeRow, .resourceRow], seconds: number, fields: .browser,
                isChecked: arguments.last == "--check")
        }
        guard let fields = arguments.count == 3 ? RequestFields(rawValue: arguments[2]) : .browser else {
            return usage()
        }
        if arguments[0] == "compare" {
            try compare([.plain, .pass, .hit], seconds: number, fields: fields)
        } else if arguments[0] == "channel-hits" {
            try compare([.onEventLoops, .passedOn], seconds: number, fields: fields)
        } else if let path = ServedPath(rawValue: arguments[0]) {
            try count(path, requests: number, fields: fields)
        } else {
            usage()
        }
    }

    private static func usage() {
        let paths = ServedPath.allCases.map(\.rawValue).joined(separator: ", ")
        let fields = RequestFields.allCases.map(\.rawValue).joined(separator: " or ")
        print("usage: hummingbird-path PATH REQUESTS [\(fields)], where PATH is one of \(paths)")
        print("       hummingbird-path compare SECONDS [\(fields)]")
        print("       hummingbird-path channel-hits SECONDS [\(fields)]")
        print("       hummingbird-path resources SECONDS [--check]")
        print("       hummingbird-path event-loops SECONDS [REDIS-URL]")
        print("       hummingbird-path serve|serve-on-event-loops SMALL-BYTES LARGE-BYTES")
        exit(2)
    }

    private static func serve(_ server: PlainServer) -> Never {
        Task.detached {
            do {
                try await server.run()
                exit(0)
            } catch {
                print("\(error)")
                exit(1)
            }
        }
        dispatchMain()
    }

    private static func count(_ path: ServedPath, requests: Int, fields: RequestFields) throws {
        let client = BlockingClient(port: try PathServer(path: path).start(), traffic: path.traffic(fields))
        for _ in 0..<requests {
            client.send()
            client.receive()
        }
        print("\(path.rawValue): \(requests) requests, \(client.lastHead.utf8.count) bytes of head")
        precondition(client.lastHead.isEmpty || client.lastHead.hasPrefix("HTTP/1.1 200 "))
        precondition(requests < 2 || !path.isHit || client.lastHead.contains("ResponseCache; hit"))
        MeasuredRows.removeFiles()
        exit(0)
    }

    /// Compares routes with their references, which are among them. The limits are those of the processor time.
    private static func compare(
        _ paths: [ServedPath], seconds: Int, fields: RequestFields, isChecked: Bool = false
    ) throws {
        let comparison = ServerComparison(
            try paths.map { ($0.rawValue, try PathServer(path: $0).start(), $0.traffic(fields)) })
        comparison.run(seconds: seconds)
        var isExceeded = false
        for path in paths where path.reference != path && paths.contains(path.reference) {
            comparison.printRatio(of: path.rawValue, to: path.reference.rawValue)
            guard let limit = path.limit else { continue }
            if comparison.processorTimeRatio(of: path.rawValue, to: path.reference.rawValue) > limit {
                print("\(path.rawValue) takes more than \(limit) of the processor time")
                isExceeded = true
            }
        }
        for path in paths where path.isHit { comparison.requireHits(of: path.rawValue) }
        MeasuredRows.removeFiles()
        exit(isChecked && isExceeded ? 1 : 0)
    }

    /// Compares tasks on event loops with those on the global pool: a plain route, a hit in memory, and a hit in Redis.
    private static func compareExecutors(seconds: Int, redisURL: String?) throws {
        var servers = [("plain", PathServer(path: .plain)), ("hit", PathServer(path: .hit))]
        if redisURL != nil { servers.append(("hit in Redis", PathServer(path: .hit, redisURL: redisURL))) }
        let traffic = ServedPath.hit.traffic(.browser)
        var ports: [(String, Int, Traffic)] = []
        for (name, server) in servers {
            var server = server
            server.eventLoopCount = 2
            ports.append(("\(name) on the pool", try server.start(), traffic))
            server.runsOnEventLoops = true
            ports.append(("\(name) on event loops", try server.start(), traffic))
        }
        let comparison = ServerComparison(ports)
        comparison.run(seconds: seconds)
        for (name, server) in servers {
            let names = ["\(name) on event loops", "\(name) on the pool"]
            if server.path == .hit { names.forEach(comparison.requireHits) }
            comparison.printRatio(of: names[0], to: names[1])
        }
    }
}
