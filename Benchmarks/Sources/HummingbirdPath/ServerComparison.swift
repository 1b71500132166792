import Foundation

/// Servers that are measured in turn, in rounds of a quarter of a second each.
///
/// Taking turns spreads the other load of the machine over all servers. On a busy machine only the processor time
/// is meaningful.
final class ServerComparison {
    private let names: [String]
    private let clients: [ClientGroup]
    private var rates: [[ClientGroup.Rate]]

    init(_ servers: [(name: String, port: Int, traffic: Traffic)]) {
        names = servers.map(\.name)
        clients = servers.map { ClientGroup(port: $0.port, traffic: $0.traffic) }
        rates = servers.map { _ in [] }
    }

    /// Measures for a duration, and prints the requests per second and the processor time per request of each server: medians of all rounds.
    func run(seconds: Int) {
        for client in clients { _ = client.rate(for: .milliseconds(500)) }
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        while clock.now < end {
            for (index, client) in clients.enumerated() {
                rates[index].append(client.rate(for: .milliseconds(250)))
            }
        }
        for (name, rates) in zip(names, rates) {
            let microseconds = Self.median(rates.map(\.processorTime)) * 1_000_000
            print(
                "\(name): \(Int(Self.median(rates.map(\.perSecond)))) requests per second,",
                "\((microseconds * 10).rounded() / 10) microseconds of processor time each")
        }
    }

    /// Stops the program unless the last responses of a server were all hits.
    func requireHits(of name: String) {
        guard let index = names.firstIndex(of: name) else {
            preconditionFailure("\(name) is a server of this comparison")
        }
        precondition(
            clients[index].lastHeads.allSatisfy { $0.contains("ResponseCache; hit") },
            "\(name) has no hits")
    }

    /// Prints the ratios of two servers: medians of all rounds.
    func printRatio(of name: String, to other: String) {
        let speed = Self.median(pairs(name, other).map { $0.perSecond / $1.perSecond })
        let time = processorTimeRatio(of: name, to: other)
        print("\(name) / \(other): \(Self.rounded(speed)) of the requests, \(Self.rounded(time)) of the processor time")
    }

    /// Returns the ratio of the processor times of two servers: the median of all rounds.
    func processorTimeRatio(of name: String, to other: String) -> Double {
        Self.median(pairs(name, other).map { $0.processorTime / $1.processorTime })
    }

    private func pairs(_ name: String, _ other: String) -> [(ClientGroup.Rate, ClientGroup.Rate)] {
        guard let first = names.firstIndex(of: name), let second = names.firstIndex(of: other) else {
            preconditionFailure("\(name) and \(other) are servers of this comparison")
        }
        return Array(zip(rates[first], rates[second]))
    }

    private static func rounded(_ ratio: Double) -> Double { (ratio * 1000).rounded() / 1000 }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
