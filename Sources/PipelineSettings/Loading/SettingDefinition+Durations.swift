import CacheMiddleware
import Configuration

extension SettingDefinition {
    /// The largest number of seconds: a hundred years. Moments are nanoseconds of 64 bits, which end soon after.
    private static let largest = 3_153_600_000.0

    static let lifetimeExpectation = #"\#(seconds(from: 0)), "forever" or "doNotStore""#

    static func seconds(from minimum: Double) -> String {
        "a number of seconds from \(plain(minimum)) to \(plain(largest))"
    }

    /// A number without the digits that say nothing.
    static func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

    static func duration(of seconds: Double, from minimum: Double) throws -> Duration {
        guard (minimum...largest).contains(seconds) else { throw Unexpected() }
        // To the nanosecond: what is written as 0.1 is that, and not the next number that has a binary form.
        return .nanoseconds(Int64((seconds * 1e9).rounded()))
    }

    /// A number of seconds, or what a word stands for. A variable is a text in any case; JSON tells the two apart.
    static func duration(
        _ reader: ConfigReader, _ key: ConfigKey, from minimum: Double, words: [String: Duration?]
    ) throws -> Duration? {
        guard let text = reader.string(forKey: key) else {
            return try duration(of: try reader.requiredDouble(forKey: key), from: minimum)
        }
        if let word = words[text] { return word }
        guard let number = Double(text) else { throw Unexpected() }
        return try duration(of: number, from: minimum)
    }

    static func lifetime(_ reader: ConfigReader, _ key: ConfigKey) throws -> CacheLifetime {
        let duration = try duration(reader, key, from: 0, words: ["forever": nil, "doNotStore": .zero])
        return duration.map { .after($0) } ?? .forever
    }
}
