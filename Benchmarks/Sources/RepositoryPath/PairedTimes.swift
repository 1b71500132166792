import Foundation

/// The times of two ways to do the same, measured in pairs, and the medians of their ratios.
struct PairedTimes: CustomStringConvertible {
    /// The time of one run.
    struct Time {
        var elapsed: Double
        /// The seconds of processor time of the process, kernel included.
        var processor: Double

        /// Measures an operation.
        static func of(_ operation: () async throws -> Void) async rethrows -> Time {
            let (clock, used) = (ContinuousClock(), processorTime)
            let elapsed = try await clock.measure(operation)
            return Time(elapsed: elapsed / .seconds(1), processor: processorTime - used)
        }

        private static var processorTime: Double {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
        }
    }

    let name: String
    /// The maximum of the median ratio; nil for a figure without a limit.
    let limit: Double?
    /// The number of operations of one run.
    let operations: Int
    /// Whether the elapsed times are compared, for work that another process does.
    let isElapsed: Bool
    private var pairs: [(measured: Time, reference: Time)] = []

    init(_ name: String, limit: Double? = nil, operations: Int, isElapsed: Bool = false) {
        (self.name, self.limit, self.operations, self.isElapsed) = (name, limit, operations, isElapsed)
    }

    mutating func add(_ measured: Time, against reference: Time) { pairs.append((measured, reference)) }

    /// Whether the median ratio is at most the limit. On a busy machine the elapsed times are not meaningful.
    var isWithinLimit: Bool { limit.map { quantile(0.5, of: ratios) <= $0 } ?? true }

    private var ratios: [Double] {
        pairs.map {
            isElapsed ? $0.measured.elapsed / $0.reference.elapsed : $0.measured.processor / $0.reference.processor
        }
    }

    var description: String {
        if isElapsed { return elapsedDescription }
        let elapsed = quantile(0.5, of: pairs.map { $0.measured.elapsed / $0.reference.elapsed })
        let times = [pairs.map(\.measured.elapsed), pairs.map(\.reference.elapsed)].map {
            rounded(quantile(0.5, of: $0) / Double(operations) * 1_000_000)
        }
        let limit = limit.map { ", limit \($0)" } ?? ""
        return
            "\(name): \(rounded(quantile(0.5, of: ratios))) of the processor time (half of \(pairs.count) rounds within "
            + "\(rounded(quantile(0.25, of: ratios))) to \(rounded(quantile(0.75, of: ratios)))\(limit)), "
            + "\(rounded(elapsed)) of the elapsed time; \(times[0]) against \(times[1]) microseconds"
    }

    private var elapsedDescription: String {
        let processor = [pairs.map(\.measured.processor), pairs.map(\.reference.processor)].map {
            rounded(quantile(0.5, of: $0) / Double(operations) * 1_000_000)
        }
        let times = [pairs.map(\.measured.elapsed), pairs.map(\.reference.elapsed)].map {
            rounded(quantile(0.5, of: $0) / Double(operations) * 1_000_000)
        }
        return
            "\(name): \(rounded(quantile(0.5, of: ratios))) of the elapsed time (half of \(pairs.count) rounds within "
            + "\(rounded(quantile(0.25, of: ratios))) to \(rounded(quantile(0.75, of: ratios)))"
            + "\(limit.map { ", limit \($0)" } ?? "")); \(times[0]) against \(times[1]) microseconds, "
            + "of which \(processor[0]) and \(processor[1]) are the processor time of the client"
    }

    private func quantile(_ part: Double, of values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[Int(Double(values.count - 1) * part + 0.5)]
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
